import { RateLimitedError, RefreshRefusedError } from '../../errors.ts'
import type { RotationAnswer } from './session-store.ts'

export type Continued = Extract<RotationAnswer, { outcome: 'rotated' | 'repeated' }>

/**
 * Translates the store's answer to a presented refresh token: either the session continues, or an error tells the client
 * why it does not. `repeated` continues like `rotated`: the browser may have lost our last answer, or two tabs may have
 * refreshed at once, and both must get the same successor.
 * @throws RefreshRefusedError when the session cannot continue.
 * @throws RateLimitedError when it can, but not yet.
 * @see PROTOCOL.md S7–S9, S11, S19
 */
export function requireContinued(answer: RotationAnswer): Continued {
  switch (answer.outcome) {
    case 'rotated':
    case 'repeated':
      return answer
    case 'limited':
      throw new RateLimitedError(answer.retryAfterMs)
    case 'reused':
      throw new RefreshRefusedError('REFRESH_TOKEN_REUSED')
    case 'expired':
      throw new RefreshRefusedError('REFRESH_TOKEN_EXPIRED')
    case 'revoked':
      throw new RefreshRefusedError('SESSION_REVOKED')
    case 'ahead':
    case 'unknown':
      // A restored database is behind the client. Nothing was stolen, so nothing is revoked.
      throw new RefreshRefusedError('REFRESH_TOKEN_INVALID')
  }
}
