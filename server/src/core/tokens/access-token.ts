import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { UnauthenticatedError } from '../../errors.ts'
import { isUuid } from '../id.ts'
import type { AccessClaims, Session, User } from '../model.ts'
import { type JwtKind, signJwt, verifyJwt } from './jwt.ts'

export interface AccessTokens {
  /** The lifetime of a new token, in seconds. */
  readonly ttlSeconds: number
  /** The token is valid for `ttlSeconds`, but never longer than its session. */
  sign(user: User, session: Session, now: Date): string
  /** @throws UnauthenticatedError with TOKEN_INVALID or TOKEN_EXPIRED */
  verify(token: string): AccessClaims
}

/** How far apart the clocks of two databases may be after a failover, in milliseconds. */
const MAX_CLOCK_SKEW_MS = 60_000

/** Tokens that are in use at the same time; at most about 10 MB. */
const MAX_KNOWN_TOKENS = 10_000

const payloadSchema = z.object({
  sub: z.string().refine(isUuid),
  sid: z.string().refine(isUuid),
  gen: z.number(),
  username: z.string(),
  role: z.enum(['USER', 'ADMIN']),
  ver: z.number(),
  iat: z.number(),
  exp: z.number(),
})

/** The short-lived JWT. @see RFC 9068, PROTOCOL.md S2 */
export function createAccessTokens(kind: Omit<JwtKind, 'typ'>, ttlSeconds: number): AccessTokens {
  const accessKind: JwtKind = { ...kind, typ: 'at+jwt' }
  // A client sends the same token many times. The signature is checked once, the expiry and the session every time. Keys are
  // removed by a restart, which empties the cache.
  const known = new LRUCache<string, AccessClaims>({ max: MAX_KNOWN_TOKENS })

  /** @throws UnauthenticatedError */
  function read(token: string): AccessClaims {
    const verified = verifyJwt(accessKind, token)
    if (!verified.ok) throw new UnauthenticatedError(verified.expired ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID')
    const payload = payloadSchema.safeParse(verified.payload).data
    if (payload === undefined) throw new UnauthenticatedError('TOKEN_INVALID')
    const { sub, sid, gen, username, role, ver, iat, exp } = payload
    const claims: AccessClaims = {
      ...{ userId: sub, sessionId: sid, generation: gen, username, role, userVersion: ver, issuedAt: iat },
      // The current lifetime overrides the one in the token: ended sessions are remembered for only that long (S15). The two
      // differ after an operator has shortened the lifetime, or while another instance still runs with the old one.
      expiresAt: Math.min(exp, iat + ttlSeconds),
    }
    known.set(token, claims)
    return claims
  }

  return {
    ttlSeconds,
    sign(user, session, now) {
      const iat = Math.floor(now.getTime() / 1000)
      return signJwt(accessKind, {
        sub: user.id,
        sid: session.id,
        gen: session.generation,
        username: user.username,
        role: user.role,
        ver: user.version,
        iat,
        exp: Math.min(iat + ttlSeconds, Math.floor(session.expiresAt.getTime() / 1000)),
      })
    },
    verify(token) {
      const claims = known.get(token) ?? read(token)
      const nowMs = kind.clock.nowMs()
      // If the database's clock was set back, a token from before would live longer than ended sessions are remembered.
      const isFromFuture = claims.issuedAt * 1000 > nowMs + MAX_CLOCK_SKEW_MS
      if (isFromFuture || claims.expiresAt * 1000 <= nowMs) throw new UnauthenticatedError('TOKEN_EXPIRED')
      return claims
    },
  }
}
