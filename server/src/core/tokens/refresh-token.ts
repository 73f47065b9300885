import { isUuid } from '../id.ts'
import type { Session } from '../model.ts'
import { type JwtKind, signJwt, verifyNewest } from './jwt.ts'

export interface RefreshTokens {
  /** A pure function of the row and the key. @see PROTOCOL.md S6 */
  derive(session: Session): string
  /**
   * Verifies everything but the expiry, which is for the database to decide (S12).
   * @returns the claims of the newest of these tokens that is ours; undefined when none is.
   */
  verify(tokens: readonly string[]): RefreshClaims | undefined
}

export interface RefreshClaims {
  readonly sessionId: string
  readonly generation: number
  /** In seconds since the Unix epoch. */
  readonly expiresAt: number
  /** Whether it has expired by this instance's clock. It only affects the reason for an unknown session. */
  readonly seemsExpired: boolean
}

/** The rotation adds 1, in a 32-bit column. */
const MAX_GENERATION = 2 ** 31 - 2

/** The long-lived JWT that is spent by use. @see PROTOCOL.md S2, S6 */
export function createRefreshTokens(kind: Omit<JwtKind, 'typ'>): RefreshTokens {
  const refreshKind: JwtKind = { ...kind, typ: 'rt+jwt' }
  return {
    derive: (session) =>
      signJwt(refreshKind, {
        sub: session.userId,
        sid: session.id,
        gen: session.generation,
        iat: Math.floor(session.rotatedAt.getTime() / 1000),
        exp: Math.floor(session.expiresAt.getTime() / 1000),
      }),
    verify(tokens) {
      const { sub, sid, gen, exp } = verifyNewest(refreshKind, tokens, { ignoreExpiration: true }) ?? {}
      const hasGeneration = Number.isInteger(gen) && gen >= 0 && gen <= MAX_GENERATION
      if (typeof sub !== 'string' || typeof sid !== 'string' || !isUuid(sid) || !hasGeneration || exp === undefined) {
        return undefined
      }
      return { sessionId: sid, generation: gen, expiresAt: exp, seemsExpired: exp * 1000 <= kind.clock.nowMs() }
    },
  }
}
