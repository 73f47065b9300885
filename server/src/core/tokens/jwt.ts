import jwt, { type JwtPayload } from 'jsonwebtoken'
import type { Clock } from '../clock.ts'
import type { Keyring } from './keyring.ts'

/** Our longest token has about 700 characters; much longer input is not parsed. */
const MAX_TOKEN_LENGTH = 4096

export interface JwtKind {
  /** `at+jwt` (RFC 9068), `rt+jwt` or `device+jwt`: a token of one kind is never accepted as another. */
  readonly typ: 'at+jwt' | 'rt+jwt' | 'device+jwt'
  readonly keys: Keyring
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
}

export type Verified =
  | { readonly ok: true; readonly payload: JwtPayload }
  | { readonly ok: false; readonly expired: boolean }

/**
 * Signs claims. The same claims and key yield the same token, byte for byte; so a repeated refresh can be answered without
 * storing tokens. `iat` and `exp` are in whole seconds.
 * @see PROTOCOL.md S2, S6
 */
export function signJwt(kind: JwtKind, claims: { readonly iat: number } & Readonly<Record<string, unknown>>): string {
  return jwt.sign({ ...claims, iss: kind.issuer, aud: kind.audience }, kind.keys.signing.key, {
    algorithm: 'HS256',
    keyid: kind.keys.signing.kid,
    header: { alg: 'HS256', typ: kind.typ },
  })
}

/**
 * Verifies a token of one kind. Algorithm, type, issuer and audience are pinned; the header only selects which of our own
 * keys is tried.
 * @param options.ignoreExpiration for a token whose expiry the database decides
 * @see RFC 8725 §3.1, §3.8–3.11, PROTOCOL.md S2
 */
export function verifyJwt(kind: JwtKind, token: string, options?: { readonly ignoreExpiration: true }): Verified {
  const invalid: Verified = { ok: false, expired: false }
  if (token.length > MAX_TOKEN_LENGTH) return invalid
  try {
    const header = jwt.decode(token, { complete: true })?.header
    const key = header?.typ === kind.typ ? kind.keys.find(header.kid) : undefined
    if (key === undefined) return invalid
    const payload = jwt.verify(token, key, {
      algorithms: ['HS256'],
      issuer: kind.issuer,
      audience: kind.audience,
      clockTimestamp: kind.clock.nowMs() / 1000,
      ...options,
    })
    return typeof payload === 'string' ? invalid : { ok: true, payload }
  } catch (error) {
    return { ok: false, expired: error instanceof jwt.TokenExpiredError }
  }
}

/**
 * Verifies tokens of which some may not be ours: a browser sends all cookies of one name, whichever path, subdomain or
 * deployment on this host they come from.
 * @returns the claims of the newest one that is ours; undefined when none is.
 * @see RFC 6265 §5.4, PROTOCOL.md S18
 */
export function verifyNewest(
  kind: JwtKind,
  tokens: readonly string[],
  options?: { readonly ignoreExpiration: true },
): JwtPayload | undefined {
  const ours = tokens.flatMap((token) => {
    const verified = verifyJwt(kind, token, options)
    return verified.ok ? verified.payload : []
  })
  return ours.sort((a, b) => (b.iat ?? 0) - (a.iat ?? 0))[0]
}
