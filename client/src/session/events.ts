import type { SessionEnd } from './errors.ts'

/** Why a refresh began. */
export type RefreshCause =
  /** Ahead of time: operations continue with the token that is still good. */
  | 'ahead'
  /** An operation found no good token. */
  | 'needed'
  /** The server refused the token. */
  | 'refused'

/** What happened in a session, for developer tools. Contains no tokens and no personal data. */
export type SessionEvent =
  | { readonly type: 'signedIn' }
  | { readonly type: 'refreshStarted'; readonly cause: RefreshCause }
  /** An attempt failed and will be retried after `delayMs`. */
  | { readonly type: 'refreshRetried'; readonly attempt: number; readonly delayMs: number }
  /** `shared`: how many operations waited for it. `adopted`: another tab had already refreshed, so no call was made. */
  | { readonly type: 'refreshDone'; readonly ms: number; readonly shared: number; readonly adopted: boolean }
  | { readonly type: 'refreshFailed'; readonly ms: number; readonly shared: number }
  /** One operation waited this long for a token. */
  | { readonly type: 'waited'; readonly ms: number }
  /** An operation of the Apollo link is done. `refused`: it ended with UNAUTHENTICATED, which should not happen. */
  | {
      readonly type: 'operation'
      readonly ms: number
      readonly refused: boolean
      /** There was no answer: the network, the server or the refresh failed. */
      readonly failed: boolean
      readonly operation?: string | undefined
    }
  /** An operation was sent again with a new token. */
  | { readonly type: 'replayed'; readonly operation?: string | undefined }
  /** An operation was refused but cannot be sent twice: its body was a stream, or part of it already ran. */
  | { readonly type: 'notReplayed'; readonly why: 'stream' | 'didRun'; readonly operation?: string | undefined }
  /** The browser did not keep the refresh cookie of a sign-in, so the session has ended. */
  | { readonly type: 'cookieNotKept' }
  /** A token came from another tab, or from the storage after a reload. */
  | { readonly type: 'adopted' }
  | ({ readonly type: 'ended' } & SessionEnd)

/** An event and when it happened, in milliseconds of the session's clock. */
export type TimedSessionEvent = SessionEvent & { readonly at: number }

/** Listeners, and how to call them. A listener that throws disturbs neither the session nor the other listeners. */
export interface Listeners<T> {
  /** @returns how to stop listening. */
  subscribe(listener: (value: T) => void): () => void
  /** Calls every listener. */
  emit(value: T): void
  /** Removes every listener. */
  clear(): void
}

export function createListeners<T>(): Listeners<T> {
  const all = new Set<(value: T) => void>()
  return {
    subscribe(listener) {
      const own = (value: T): void => listener(value)
      all.add(own)
      return () => void all.delete(own)
    },
    emit(value) {
      for (const listener of [...all]) {
        try {
          listener(value)
        } catch (error) {
          // Reported as an unhandled rejection, after the session's own step.
          void Promise.reject(error)
        }
      }
    },
    clear: () => all.clear(),
  }
}
