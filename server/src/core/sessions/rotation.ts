import { RateLimitedError, type RefreshRefusal, RefreshRefusedError } from '../../errors.ts'
import type { Session } from '../model.ts'
import type { Outcome, RotationAnswer } from './session-store.ts'

/**
 * Translates the store's answer to a presented refresh token: either the session continues, or an error tells the client
 * why it does not. `repeated` continues like `rotated`: the browser may have lost our last answer, or two tabs may have
 * refreshed at once, and both must get the same successor.
 * @throws RefreshRefusedError when the session cannot continue.
 * @throws RateLimitedError when it can, but not yet.
 * @see PROTOCOL.md S7–S9, S11, S19
 */
export function requireContinued(answer: RotationAnswer): Extract<RotationAnswer, { session: Session }> {
  if ('session' in answer) return answer
  if ('retryAfterMs' in answer) throw new RateLimitedError(answer.retryAfterMs)
  throw new RefreshRefusedError(refusals[answer.outcome])
}

const refusals: Record<Exclude<Outcome, 'rotated' | 'repeated' | 'limited'>, RefreshRefusal> = {
  reused: 'REFRESH_TOKEN_REUSED',
  expired: 'REFRESH_TOKEN_EXPIRED',
  revoked: 'SESSION_REVOKED',
  // A restored database is behind the client. Nothing was stolen, so nothing is revoked.
  ahead: 'REFRESH_TOKEN_INVALID',
  unknown: 'REFRESH_TOKEN_INVALID',
}
