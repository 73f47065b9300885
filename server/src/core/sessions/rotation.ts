import { RateLimitedError, RefreshRefusedError } from '../../errors.ts'
import type { RotationAnswer } from './session-store.ts'

export type Continued = Extract<RotationAnswer, { outcome: 'rotated' | 'repeated' }>

/**
 * What a presented refresh token means, given what the store answered: the session goes on, or the error that tells the
 * client why it does not. `repeated` goes on like `rotated`: the browser may have lost our last answer, or two tabs asked
 * at once, and both must end with the same successor.
 * @throws RefreshRefusedError when this session cannot go on.
 * @throws RateLimitedError when it may, later.
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
      // A restored database knows less than the client: nobody stole anything, so nothing is revoked.
      throw new RefreshRefusedError('REFRESH_TOKEN_INVALID')
  }
}
