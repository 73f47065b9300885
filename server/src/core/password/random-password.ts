import { randomBytes } from 'node:crypto'

/** 16 random letters and digits, which a double click selects as a whole; about 95 bits. */
export const randomPassword = (): string => randomBytes(24).toString('base64url').replaceAll(/[-_]/g, '').slice(0, 16)
