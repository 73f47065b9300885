import { type Canceller, type CancelSignal, canceller } from './cancel.ts'

/** A refresh in progress. If it ends before its work does, the result of that work is dropped. */
export interface PendingRefresh {
  /** When it started, by the session's clock, in milliseconds. */
  readonly startedAt: number
  /** Aborted once the refresh has succeeded or failed: its work need not queue for the lock or retry. */
  readonly unwanted: CancelSignal
  /**
   * Waits for it, as one operation.
   * @returns the new access token; rejects with `RefreshFailedError` or `SessionEndedError`.
   */
  join(): Promise<string>
}

/** A pending refresh, and what only the state machine may do to it. */
export interface OwnRefresh extends PendingRefresh {
  readonly cancel: Canceller
  /** How many operations have joined. */
  readonly waiting: number
  resolve(accessToken: string): void
  reject(error: Error): void
}

/** Creates a refresh that starts now, by the session's clock. */
export function createPendingRefresh(startedAt: number): OwnRefresh {
  const cancel = canceller()
  let waiting = 0
  let resolve!: OwnRefresh['resolve']
  let reject!: OwnRefresh['reject']
  const result = new Promise<string>((fulfill, fail) => {
    resolve = fulfill
    reject = fail
  })
  // Nobody waits for a refresh ahead of time: its failure is an event, not an unhandled rejection.
  result.catch(() => {})
  return {
    startedAt,
    unwanted: cancel.signal,
    cancel,
    get waiting() {
      return waiting
    },
    join() {
      waiting++
      return result
    },
    resolve,
    reject,
  }
}
