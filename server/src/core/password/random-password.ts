import { randomBytes } from 'node:crypto'

/** 96 random bits in 16 characters, for a user who did not choose a password. */
export const randomPassword = (): string => randomBytes(12).toString('base64url')
