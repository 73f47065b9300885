import { type Canceller, type CancelSignal, canceller } from './cancel.ts'
import { retryAfterMs, SessionEndedError } from './errors.ts'
import type { Clock } from './ports.ts'
import { pause, within } from './waiting.ts'

/** A failed call is tried again this often, after about 250, 500 and 1,000 ms. */
const RETRIES = 3
const FIRST_DELAY_MS = 250

export interface AttemptsOptions<T> {
  readonly clock: Clock
  readonly random: () => number
  /** All attempts and the pauses between them take no longer than this, in milliseconds. */
  readonly totalMs: number
  /** No further attempt is begun once it is aborted; one under way goes on. */
  readonly unwanted: CancelSignal
  /** Calls under way; aborting them ends everything at once. */
  readonly calls: Set<Canceller>
  onRetry?(attempt: number, delayMs: number): void
  /** What a call brought after its time was over. */
  onLate?(value: T, sentAt: number): void
}

/** The call took longer than the total allows. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/**
 * Calls the server until it answers, with backoff and jitter, inside one total bound.
 * @throws SessionEndedError at once, when the server says so; else what the last attempt failed with.
 * @see PROTOCOL.md C5
 */
export async function persistently<T>(
  call: (signal: CancelSignal) => Promise<T>,
  { clock, random, totalMs, unwanted, calls, onRetry, onLate }: AttemptsOptions<T>,
): Promise<{ readonly value: T; readonly sentAt: number }> {
  const deadline = clock.now() + totalMs
  for (let attempt = 1; ; attempt++) {
    const cancel = canceller()
    calls.add(cancel)
    const sentAt = clock.now()
    let late = false
    try {
      const work = call(cancel.signal)
      work.then(
        (value) => late && onLate?.(value, sentAt),
        () => {},
      )
      const value = await within(clock, deadline - sentAt, work, () => timeout(totalMs), cancel.signal)
      return { value, sentAt }
    } catch (error) {
      late = true
      cancel.abort(error)
      const delayMs = Math.max(retryAfterMs(error) ?? 0, FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + random()))
      const hopeless = error instanceof SessionEndedError || attempt > RETRIES || clock.now() + delayMs >= deadline
      if (hopeless || unwanted.aborted) throw error
      onRetry?.(attempt, delayMs)
      await pause(clock, delayMs, unwanted)
      if (unwanted.aborted) throw error
    } finally {
      calls.delete(cancel)
    }
  }
}

function timeout(ms: number): never {
  throw new TimeoutError(`No answer within ${ms} ms`)
}
