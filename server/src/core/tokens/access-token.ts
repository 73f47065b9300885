import { UnauthenticatedError } from '../../errors.ts'
import { isUuid } from '../input.ts'
import type { AccessClaims, User } from '../model.ts'
import { type JwtKind, signJwt, verifyJwt } from './jwt.ts'

export interface AccessTokens {
  /** Seconds that a fresh token is good for. */
  ttlSeconds: number
  /** Good for `ttlSeconds`, but never longer than its session, whose end could not be taken back any more. */
  sign(input: { user: User; sessionId: string; generation: number; nowMs: number; sessionEndsMs: number }): string
  /** @throws UnauthenticatedError with TOKEN_INVALID or TOKEN_EXPIRED. */
  verify(token: string): AccessClaims
}

/** The short-lived JWT. @see RFC 9068, PROTOCOL.md S2 */
export function createAccessTokens(kind: Omit<JwtKind, 'typ'>, ttlSeconds: number): AccessTokens {
  const accessKind: JwtKind = { ...kind, typ: 'at+jwt' }
  return {
    ttlSeconds,
    sign({ user, sessionId, generation, nowMs, sessionEndsMs }) {
      const iat = Math.floor(nowMs / 1000)
      return signJwt(accessKind, {
        sub: user.id,
        sid: sessionId,
        gen: generation,
        username: user.username,
        role: user.role,
        ver: user.version,
        iat,
        exp: Math.min(iat + ttlSeconds, Math.floor(sessionEndsMs / 1000)),
      })
    },
    verify(token) {
      const verified = verifyJwt(accessKind, token)
      if (!verified.ok) throw new UnauthenticatedError(verified.expired ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID')
      const { sub, sid, gen, username, role, ver, iat, exp } = verified.payload
      if (
        typeof sub !== 'string' ||
        typeof sid !== 'string' ||
        !isUuid(sub) ||
        !isUuid(sid) ||
        typeof gen !== 'number' ||
        typeof username !== 'string' ||
        (role !== 'USER' && role !== 'ADMIN') ||
        typeof ver !== 'number' ||
        typeof iat !== 'number' ||
        typeof exp !== 'number'
      ) {
        throw new UnauthenticatedError('TOKEN_INVALID')
      }
      // Never longer than tokens live now, whatever they were given: what ended is remembered for that long (S15), and an
      // operator may have shortened it, or another instance may not have been restarted yet.
      const expiresAt = Math.min(exp, iat + ttlSeconds)
      if (expiresAt * 1000 <= kind.clock.nowMs()) throw new UnauthenticatedError('TOKEN_EXPIRED')
      return {
        userId: sub,
        sessionId: sid,
        generation: gen,
        username,
        role,
        userVersion: ver,
        issuedAt: iat,
        expiresAt,
      }
    },
  }
}
