import type { Clock } from '../session/index.ts'

/**
 * The platform's clocks and timers, which browsers, workers and Node have in common. Without `performance`, the
 * time stands still: then tokens are used until the server refuses them.
 * @example Let a test skip an hour:
 * ```ts
 * createSession({ transport, clock: { ...systemClock, now: () => systemClock.now() + skippedMs } })
 * skippedMs = 3_600_000
 * ```
 * @see PROTOCOL.md C7
 */
export const systemClock: Clock = {
  now: () => globalThis.performance?.now() ?? 0,
  wallTime: () => Date.now(),
  setTimer(task, ms, idle) {
    const timer: unknown = setTimeout(task, ms)
    // Node: a renewal ahead of time must not keep a finished program running.
    if (idle && typeof timer === 'object') (timer as { unref?: () => void } | null)?.unref?.()
    return () => clearTimeout(timer as number)
  },
}
