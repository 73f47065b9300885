import { AuthError, type ErrorCode } from '../errors.ts'
import type { Outcome } from './sessions/session-store.ts'

/** How a use case ended: well, or with an error of this code. */
export type Result = 'OK' | ErrorCode

/** As the store answered; or `invalid`: it never came to the store; `failed`: nothing was decided. */
export type RefreshResult = Outcome | 'invalid' | 'failed'

/** What the core tells whoever counts. Its methods must not throw. */
export interface SessionObserver {
  signedUp(result: Result): void
  signedIn(result: Result): void
  refreshed(result: RefreshResult): void
  /** An attempt to sign in, to register or to change a password exceeded a limit. */
  attemptLimited(): void
}

/** Tells how `work` ends, and lets it end so. */
export async function observed<T>(tell: (result: Result) => void, work: () => Promise<T>): Promise<T> {
  try {
    const done = await work()
    tell('OK')
    return done
  } catch (error) {
    tell(error instanceof AuthError ? error.code : 'INTERNAL_SERVER_ERROR')
    throw error
  }
}
