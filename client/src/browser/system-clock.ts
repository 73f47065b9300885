import type { Clock } from '../session/index.ts'

/** The platform's monotonic clock and timers, which browsers, workers and Node have in common. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(task, ms, idle) {
    const timer: unknown = setTimeout(task, ms)
    // Node: a renewal ahead of time must not keep a finished program running.
    if (idle && typeof timer === 'object') (timer as { unref?: () => void }).unref?.()
    return () => clearTimeout(timer as number)
  },
}
