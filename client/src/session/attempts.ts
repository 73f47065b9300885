import { type Canceller, type CancelSignal, canceller } from './cancel.ts'
import { retryAfterMs, SessionEndedError } from './errors.ts'
import type { Clock } from './ports.ts'
import { pause, within } from './waiting.ts'

/** A failed call is tried again this often, after about 250, 500 and 1,000 ms. */
const RETRIES = 3
const FIRST_DELAY_MS = 250

/** What is the same for all calls of a session. */
export interface Caller {
  readonly clock: Clock
  readonly random: () => number
  /** All attempts and the pauses between them take no longer than this, in milliseconds. */
  readonly refreshTimeoutMs: number
  /** Calls under way; aborting them ends everything at once. */
  readonly calls: Set<Canceller>
}

export interface AttemptsOptions<T> {
  /** No further attempt is begun once it is aborted; one under way goes on. */
  readonly unwanted: CancelSignal
  onRetry?(attempt: number, delayMs: number): void
  /** What a call brought after its time was over. */
  onLate?(value: T, sentAt: number): void
}

/**
 * Calls the server until it answers, with backoff and jitter, inside one total bound.
 * @throws SessionEndedError at once, when the server says so; else what the last attempt failed with.
 * @see PROTOCOL.md C5
 */
export async function persistently<T>(
  { clock, random, refreshTimeoutMs, calls }: Caller,
  call: (signal: CancelSignal) => Promise<T>,
  { unwanted, onRetry, onLate }: AttemptsOptions<T>,
): Promise<{ readonly value: T; readonly sentAt: number }> {
  const late = (): never => {
    throw new Error('No answer in time')
  }
  const deadline = clock.now() + refreshTimeoutMs
  for (let attempt = 1; ; attempt++) {
    const cancel = canceller()
    calls.add(cancel)
    const sentAt = clock.now()
    try {
      const work = call(cancel.signal)
      work.then(
        (value) => cancel.signal.aborted && onLate?.(value, sentAt),
        () => {},
      )
      const value = await within(clock, deadline - sentAt, work, late, cancel.signal)
      return { value, sentAt }
    } catch (error) {
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
