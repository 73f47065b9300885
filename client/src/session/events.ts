import type { EndReason } from './errors.ts'

/** Why a refresh began. */
export type RefreshCause =
  /** Ahead of time; operations go on with the token that is still good. */
  | 'ahead'
  /** An operation found no good token. */
  | 'needed'
  /** The server refused the token. */
  | 'refused'

/** What happened in a session, for developer tools. No token, no personal data. */
export type SessionEvent =
  | { readonly type: 'signedIn' }
  | { readonly type: 'refreshStarted'; readonly cause: RefreshCause }
  /** An attempt failed and is tried again after `delayMs`. */
  | { readonly type: 'refreshRetried'; readonly attempt: number; readonly delayMs: number }
  /** `shared`: operations that waited for it. `adopted`: another tab had done it, no call was made. */
  | { readonly type: 'refreshDone'; readonly ms: number; readonly shared: number; readonly adopted: boolean }
  | { readonly type: 'refreshFailed'; readonly ms: number; readonly shared: number }
  /** One operation waited this long for a token. */
  | { readonly type: 'waited'; readonly ms: number }
  /** An operation of the Apollo link came to its end. `refused`: its last word was UNAUTHENTICATED, which should not be. */
  | {
      readonly type: 'operation'
      readonly ms: number
      readonly refused: boolean
      /** No answer came: the network, the server or the refresh failed it. */
      readonly failed: boolean
      readonly operation?: string | undefined
    }
  /** An operation was sent again with a new token. */
  | { readonly type: 'replayed'; readonly operation?: string | undefined }
  /** An operation was refused but cannot be sent twice: its body was a stream, or part of it did run. */
  | { readonly type: 'notReplayed'; readonly why: 'stream' | 'didRun'; readonly operation?: string | undefined }
  /** A token came from another tab. */
  | { readonly type: 'adopted' }
  | { readonly type: 'ended'; readonly reason: EndReason }

/** An event with the moment it happened, in milliseconds of the session's clock. */
export type TimedSessionEvent = SessionEvent & { readonly at: number }

/** Listeners and how to call them. A listener that throws disturbs neither the session nor the other listeners. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => void>()

  /** @returns how to stop listening. */
  readonly subscribe = (listener: (value: T) => void): (() => void) => {
    const own = (value: T): void => listener(value)
    this.#all.add(own)
    return () => void this.#all.delete(own)
  }

  /** Tells everybody. */
  emit(value: T): void {
    for (const listener of [...this.#all]) {
      try {
        listener(value)
      } catch (error) {
        // Reported as the platform reports it, after the session's own step is complete.
        void Promise.reject(error)
      }
    }
  }

  /** Forgets everybody. */
  clear(): void {
    this.#all.clear()
  }
}
