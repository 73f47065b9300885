import type { CancelSignal } from './cancel.ts'
import type { Clock } from './ports.ts'

/** `work`, or a rejection with the signal's reason as soon as it is aborted. Leaves no listener behind. */
export async function unlessAborted<T>(work: PromiseLike<T>, signal?: CancelSignal | null): Promise<T> {
  if (!signal) return work
  let abort!: () => void
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
  })
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([aborted, work])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * `unlessAborted`, or what `late` gives or throws when it takes longer than `ms`. A tab that was frozen meanwhile wakes to
 * a timer that is due and an answer that has come: the answer counts. Leaves no timer behind.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: PromiseLike<T>,
  late: () => T,
  signal?: CancelSignal,
): Promise<T> {
  let cancel!: () => void
  const timeUp = new Promise<void>((resolve) => {
    cancel = clock.setTimer(() => {
      cancel = clock.setTimer(resolve, 0)
    }, ms)
  })
  try {
    return await unlessAborted(Promise.race([work, timeUp.then(late)]), signal)
  } finally {
    cancel()
  }
}

/** Resolves after `ms`, or when `work` has settled, or at once when `signal` is aborted. */
export const pause = (
  clock: Clock,
  ms: number,
  signal: CancelSignal,
  work: Promise<unknown> = new Promise(() => {}),
): Promise<unknown> => within(clock, ms, work, () => {}, signal).catch(() => {})
