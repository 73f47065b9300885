import type { FeedState } from '../../core/revocation/access-check.ts'

/** How old the last proof is that the feed works. */
export interface Freshness {
  /** @returns the current moment, for `proven`. */
  mark(): Moment
  /** The feed is known to have worked at this moment. */
  proven(at: Moment): void
  lost(): void
  state(): FeedState
}

export interface Moment {
  readonly monotonicMs: number
  readonly systemMs: number
}

/** @param timeoutMs from what age the proof counts for nothing, in milliseconds; from half of it, it is overdue. */
export function createFreshness(timeoutMs: number): Freshness {
  let provenAt: Moment | null = null
  const mark = (): Moment => ({ monotonicMs: performance.now(), systemMs: Date.now() })
  return {
    mark,
    proven(at) {
      provenAt = at
    },
    lost() {
      provenAt = null
    },
    state() {
      if (provenAt === null) return 'lost'
      const now = mark()
      // While a machine is suspended, its monotonic clock stands still.
      const ageMs = Math.max(now.monotonicMs - provenAt.monotonicMs, now.systemMs - provenAt.systemMs)
      if (ageMs < timeoutMs / 2) return 'current'
      return ageMs < timeoutMs ? 'overdue' : 'lost'
    },
  }
}
