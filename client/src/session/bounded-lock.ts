import { type CancelSignal, canceller } from './cancel.ts'
import type { Clock, Lock } from './ports.ts'

/**
 * Runs `task` while holding the lock, or its spare, or none when neither can be had in time: a lock may help, never
 * block. A holder may have been frozen by its browser. The server is safe without (PROTOCOL.md S7) if it has a grace
 * period; the spare is for those that have none.
 * @param waitMs how long to queue for each, in milliseconds.
 * @param unwanted when it is aborted while queueing, the task does not run.
 * @see PROTOCOL.md C1
 */
export function underLock(
  lock: Lock | undefined,
  clock: Clock,
  waitMs: number,
  unwanted: CancelSignal,
  task: () => Promise<void>,
): Promise<void> {
  if (!lock) return task()
  return new Promise((resolve, reject) => {
    const queue = canceller()
    let begun = false
    const begin = async (run: () => Promise<void>): Promise<void> => {
      if (begun) return
      begun = true
      cancelTimer()
      unwanted.removeEventListener('abort', leave)
      await run().then(resolve, reject)
    }
    const withoutLock = (): void => void begin(() => underLock(lock.spare, clock, waitMs, unwanted, task))
    const leave = (): void => {
      void begin(async () => {})
      queue.abort()
    }
    const cancelTimer = clock.setTimer(() => {
      withoutLock()
      queue.abort()
    }, waitMs)
    unwanted.addEventListener('abort', leave)
    if (unwanted.aborted) return leave()
    try {
      // A lock that is refused (no permission, a worker being shut down) is a lock that cannot be had.
      lock.request(() => begin(task), queue.signal).then(withoutLock, withoutLock)
    } catch {
      withoutLock()
    }
  })
}
