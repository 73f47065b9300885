import { AuthError, type ErrorCode } from '../errors.ts'
import type { Outcome } from './sessions/session-store.ts'

/** How a use case ended: successfully, or with an error of this code. */
export type Result = 'OK' | ErrorCode

/**
 * The outcome in the store; or `invalid`: the token was refused before; `foreign`: the same for a cookie, which another
 * deployment may have set; `failed`: the store threw an error.
 */
export type RefreshResult = Outcome | 'invalid' | 'foreign' | 'failed'

/** Why a password was not processed: the wait would have been too long, it was too long, or the client had disconnected. */
export type ShedReason = 'queue_full' | 'waited_too_long' | 'disconnected'

/** What the core reports for metrics. Its methods must not throw. */
export interface SessionObserver {
  signedUp(result: Result): void
  signedIn(result: Result): void
  refreshed(result: RefreshResult): void
  /** An attempt to sign in, to register or to change a password exceeded a limit. */
  attemptLimited(): void
  /** A password was not hashed or compared, because the wait was too long or the client had disconnected. */
  passwordShed(reason: ShedReason): void
}

/** Reports how `work` ends, then returns its result or throws its error. */
export async function observed<T>(report: (result: Result) => void, work: () => Promise<T>): Promise<T> {
  try {
    const done = await work()
    report('OK')
    return done
  } catch (error) {
    report(error instanceof AuthError ? error.code : 'INTERNAL_SERVER_ERROR')
    throw error
  }
}
