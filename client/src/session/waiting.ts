import type { CancelSignal } from './cancel.ts'
import type { Clock } from './ports.ts'

/**
 * `work`, or what `late` gives or throws when it has not settled in time, or a rejection with the signal's reason as
 * soon as that is aborted. Leaves no timer and no listener behind.
 */
export function within<T>(
  clock: Clock,
  ms: number,
  work: PromiseLike<T>,
  late: () => T,
  signal?: CancelSignal,
): Promise<T> {
  return unlessAborted(
    new Promise<T>((resolve, reject) => {
      const cancel = clock.setTimer(() => {
        release()
        try {
          resolve(late())
        } catch (error) {
          reject(error)
        }
      }, ms)
      const release = (): void => {
        cancel()
        signal?.removeEventListener('abort', release)
      }
      signal?.addEventListener('abort', release)
      work.then(
        (value) => {
          release()
          resolve(value)
        },
        (error) => {
          release()
          reject(error)
        },
      )
    }),
    signal,
  )
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function pause(clock: Clock, ms: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.setTimer(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** `work`, or a rejection with the signal's reason as soon as it is aborted. Leaves no listener behind. */
export function unlessAborted<T>(work: Promise<T>, signal?: CancelSignal | null): Promise<T> {
  if (!signal) return work
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    const release = (): void => signal.removeEventListener('abort', abort)
    work.then(
      (value) => {
        release()
        resolve(value)
      },
      (error) => {
        release()
        reject(error)
      },
    )
  })
}
