import type { Clock, Lock } from '../ports.ts'
import { type CancelSignal, canceller } from './cancel.ts'
import { pause } from './waiting.ts'

export interface BoundedLockOptions {
  readonly lock: Lock | undefined
  readonly clock: Clock
  /** How long to queue for the lock, and then for its spare, in milliseconds. */
  readonly waitMs: number
  /** If it is aborted while queueing, the task does not run. */
  readonly unwanted: CancelSignal
}

/**
 * Runs `task` while holding the lock. If the lock is not available in time, for example because the browser froze the tab
 * that holds it, the task runs under the spare lock, and finally without one: no lock may block a refresh forever.
 * Running without a lock is safe while the server has a grace period (PROTOCOL.md S7); the spare is for servers without.
 * @see PROTOCOL.md C1
 */
export async function underLock(options: BoundedLockOptions, task: () => Promise<void>): Promise<void> {
  const { lock, clock, waitMs, unwanted } = options
  if (!lock) return task()
  const queue = canceller()
  let work: Promise<void> | undefined
  const begin = async (): Promise<void> => {
    if (queue.signal.aborted) return
    work = task()
    await work
  }
  // A rejected request (no permission, a worker shutting down) counts as a lock that is not available.
  const request = async (): Promise<unknown> => lock.request(begin, queue.signal)
  await pause(clock, waitMs, unwanted, request())
  if (!work) {
    queue.abort()
    if (!unwanted.aborted) work = underLock({ ...options, lock: lock.spare }, task)
  }
  await work
}
