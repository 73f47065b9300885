import type { SessionOptions } from './options.ts'
import type { StateMachine } from './state-machine.ts'

/** Platform timers count in 31 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Renewal ahead of time: before the token ends, while the page is visible and in use. @see PROTOCOL.md C7 */
export interface AheadRenewal {
  /** Renews now if it is time, or sets a timer. */
  check(): void
  stop(): void
}

export function createAheadRenewal(
  { clock, page }: Pick<SessionOptions, 'clock' | 'page'>,
  machine: StateMachine,
  startRefresh: (cause: 'ahead') => unknown,
): AheadRenewal {
  let cancelTimer = (): void => {}

  function check(): void {
    const { token, pendingRefresh } = machine
    cancelTimer()
    if (!token || token.renewAt === Number.POSITIVE_INFINITY) return
    const dueInMs = Math.max(token.renewAt - clock.now(), machine.refreshDelay()?.retryAfterMs ?? 0)
    if (dueInMs > 0) cancelTimer = clock.setTimer(check, Math.min(dueInMs, MAX_TIMER_MS), true)
    else if (!pendingRefresh && token.isUsed && page?.isVisible() !== false) startRefresh('ahead')
  }

  machine.tokens.subscribe(check)
  return { check, stop: () => cancelTimer() }
}
