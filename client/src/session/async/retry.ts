import { retryAfterMs, SessionEndedError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import { abortReason, type CancelSignal, canceller, onAbort } from './cancel.ts'
import { pause, within } from './waiting.ts'

/** A failed call is tried again up to this many times, after about 250, 500 and 1,000 ms. */
const MAX_RETRIES = 3
const FIRST_DELAY_MS = 250

export interface RetryOptions<T> {
  readonly clock: Clock
  /** Source of jitter, 0 to 1. */
  readonly random: () => number
  /** Bounds all attempts and the pauses between them together, in milliseconds. */
  readonly timeoutMs: number
  /** Aborting it cuts off the attempt under way. */
  readonly disposed: CancelSignal
  /** Aborting it starts no further attempt; one under way continues. */
  readonly unwanted: CancelSignal
  onRetry?(attempt: number, delayMs: number): void
  /** Receives an answer that came after the time was up. */
  onLate?(value: T, sentAt: number): void
}

/**
 * Calls the server until it answers, with backoff and jitter, within one total bound.
 * @returns the answer, and when the call that brought it was sent, by the session's clock.
 * @throws SessionEndedError immediately when the server reports one; otherwise the error of the last attempt.
 * @see PROTOCOL.md C5
 */
export async function callWithRetries<T>(
  call: (signal: CancelSignal, isRetry: boolean) => Promise<T>,
  { clock, random, timeoutMs, disposed, unwanted, onRetry, onLate }: RetryOptions<T>,
): Promise<{ readonly value: T; readonly sentAt: number }> {
  const timeUp = (): never => {
    throw new Error('The server did not answer in time.')
  }
  const deadline = clock.now() + timeoutMs
  for (let attempt = 1; ; attempt++) {
    const cancel = canceller()
    const stop = onAbort(disposed, () => cancel.abort(abortReason(disposed)))
    const sentAt = clock.now()
    try {
      const work = call(cancel.signal, attempt > 1)
      work.then(
        (value) => cancel.signal.aborted && onLate?.(value, sentAt),
        () => {},
      )
      return { value: await within(clock, deadline - sentAt, work, timeUp, cancel.signal), sentAt }
    } catch (error) {
      cancel.abort(error)
      const delayMs = Math.max(retryAfterMs(error) ?? 0, FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + random()))
      const isFinal = error instanceof SessionEndedError || attempt > MAX_RETRIES || clock.now() + delayMs >= deadline
      if (isFinal || unwanted.aborted) throw error
      onRetry?.(attempt, delayMs)
      await pause(clock, delayMs, unwanted)
      if (unwanted.aborted) throw error
    } finally {
      stop()
    }
  }
}
