import type { Clock } from '../ports.ts'
import { abortReason, type CancelSignal, onAbort } from './cancel.ts'

/** `work`, or a rejection with the signal's reason as soon as it is aborted. Leaves no listener behind. */
export async function unlessAborted<T>(work: PromiseLike<T>, signal?: CancelSignal | null): Promise<T> {
  if (!signal) return work
  let stop!: () => void
  const aborted = new Promise<never>((_, reject) => {
    stop = onAbort(signal, () => reject(abortReason(signal)))
  })
  try {
    return await Promise.race([aborted, work])
  } finally {
    stop()
  }
}

/**
 * `unlessAborted`, or what `late` returns or throws when `work` takes longer than `ms`. A tab that was frozen meanwhile
 * wakes up to both an expired timer and an answer: the answer wins. Leaves no timer behind.
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

/** Resolves after `ms`, when `work` has settled, or as soon as `signal` is aborted. Never rejects. */
export const pause = (
  clock: Clock,
  ms: number,
  signal: CancelSignal,
  work: Promise<unknown> = new Promise(() => {}),
): Promise<unknown> => within(clock, ms, work, () => {}, signal).catch(() => {})
