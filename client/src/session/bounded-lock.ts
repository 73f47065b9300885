import { type CancelSignal, canceller } from './cancel.ts'
import type { Clock, Lock } from './ports.ts'
import { pause } from './waiting.ts'

/**
 * Runs `task` while holding the lock, or its spare, or none when neither can be had in time: a lock may help, never
 * block. A holder may have been frozen by its browser. The server is safe without (PROTOCOL.md S7) if it has a grace
 * period; the spare is for those that have none.
 * @param waitMs how long to queue for each, in milliseconds.
 * @param unwanted when it is aborted while queueing, the task does not run.
 * @see PROTOCOL.md C1
 */
export async function underLock(
  lock: Lock | undefined,
  clock: Clock,
  waitMs: number,
  unwanted: CancelSignal,
  task: () => Promise<void>,
): Promise<void> {
  if (!lock) return task()
  const queue = canceller()
  let work: Promise<void> | undefined
  const begin = async (): Promise<void> => {
    if (queue.signal.aborted) return
    work = task()
    await work
  }
  // A lock that is refused (no permission, a worker being shut down) is a lock that cannot be had.
  const request = async (): Promise<unknown> => lock.request(begin, queue.signal)
  await pause(clock, waitMs, unwanted, request())
  if (!work) {
    queue.abort()
    if (!unwanted.aborted) work = underLock(lock.spare, clock, waitMs, unwanted, task)
  }
  await work
}
