import { type Canceller, canceller } from './cancel.ts'

/**
 * One refresh, as those who wait for it see it. The work behind it may go on after it has landed: then nobody waits
 * for that work any more, and what it brings is dropped.
 */
export interface Flight {
  /** The new access token. Rejects with `RefreshFailedError` or `SessionEndedError`. */
  readonly landed: Promise<string>
  /** Aborted once it has landed or failed: the work need not queue for the lock or try again. */
  readonly unwanted: Canceller
  readonly startedAt: number
  /** How many operations wait. */
  waiting: number
  resolve(accessToken: string): void
  reject(error: Error): void
}

/** A refresh that has just begun. */
export function takeOff(startedAt: number): Flight {
  let resolve!: Flight['resolve']
  let reject!: Flight['reject']
  const landed = new Promise<string>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { landed, unwanted: canceller(), startedAt, waiting: 0, resolve, reject }
}
