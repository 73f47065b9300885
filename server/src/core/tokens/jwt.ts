import jwt, { type JwtPayload } from 'jsonwebtoken'
import type { Clock } from '../clock.ts'
import type { Keyring } from './keyring.ts'

/** Our longest token is about 700 characters; what is far longer is not worth the work of parsing. */
const MAX_TOKEN_LENGTH = 4096

export interface JwtKind {
  /** `at+jwt` (RFC 9068) or `rt+jwt`: one kind never passes for the other. */
  typ: 'at+jwt' | 'rt+jwt'
  keys: Keyring
  issuer: string
  audience: string
  clock: Clock
}

export type Verified = { ok: true; payload: JwtPayload } | { ok: false; expired: boolean }

/**
 * Signs claims; the same claims and key give the same token, byte for byte, which is what lets a repeated refresh be
 * answered without storing anything. `iat` and `exp` are in whole seconds.
 * @see PROTOCOL.md S2, S6
 */
export function signJwt(kind: JwtKind, claims: { sub: string; iat: number; exp: number } & Record<string, unknown>) {
  return jwt.sign({ ...claims, iss: kind.issuer, aud: kind.audience }, kind.keys.signing.key, {
    algorithm: 'HS256',
    keyid: kind.keys.signing.kid,
    header: { alg: 'HS256', typ: kind.typ },
  })
}

/**
 * Verifies a token of one kind. Algorithm, type, issuer and audience are pinned; the header chooses nothing but which of
 * our own keys to use.
 * @see RFC 8725 §3.1, §3.8–3.11, PROTOCOL.md S2
 */
export function verifyJwt(kind: JwtKind, token: string): Verified {
  if (token.length > MAX_TOKEN_LENGTH) return { ok: false, expired: false }
  const header = readHeader(token)
  const key = header?.typ === kind.typ ? kind.keys.find(header.kid) : undefined
  if (key === undefined) return { ok: false, expired: false }
  try {
    const payload = jwt.verify(token, key, {
      algorithms: ['HS256'],
      issuer: kind.issuer,
      audience: kind.audience,
      clockTimestamp: kind.clock.nowMs() / 1000,
    })
    return typeof payload === 'string' ? { ok: false, expired: false } : { ok: true, payload }
  } catch (error) {
    return { ok: false, expired: error instanceof jwt.TokenExpiredError }
  }
}

function readHeader(token: string): { typ?: unknown; kid?: unknown } | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8'))
    return typeof header === 'object' && header !== null ? header : undefined
  } catch {
    return undefined
  }
}
