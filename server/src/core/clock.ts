/** The core's only source of time; tests pass their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch by the database's clock, which decides when tokens and sessions expire. */
  nowMs(): number
  /** Milliseconds since some moment, for ages and intervals. It never jumps, whatever happens to the other clocks. */
  monotonicMs(): number
}

/** A clock that follows the database's. */
export interface DatabaseClock extends Clock {
  /**
   * Sets the clock to the database's time.
   * @param databaseMs what the database answered, in milliseconds since the Unix epoch
   * @param sentMs when it was asked, by `monotonicMs`
   */
  synchronise(databaseMs: number, sentMs: number): void
  /** How far this machine's own clock is ahead of the database's, in milliseconds; 0 until it is known. */
  systemAheadMs(): number
}

/** A slower answer says too little about the time, unless the last good one is old. Milliseconds. */
const MAX_ROUND_TRIP_MS = 250
const MAX_SYNCHRONISED_AGE_MS = 30_000

/**
 * A wrong or jumping clock of one instance must not end sessions or forget revocations. So this clock only counts the time
 * since the last answer of the database on the machine's monotonic clock; the system's clock is used until the first answer.
 * @param system the machine's clocks
 * @see PROTOCOL.md S15, S23
 */
export function createDatabaseClock(system: Clock = systemClock): DatabaseClock {
  let synchronised: { readonly databaseMs: number; readonly atMs: number } | null = null
  const nowMs = () =>
    synchronised === null ? system.nowMs() : synchronised.databaseMs + system.monotonicMs() - synchronised.atMs
  return {
    nowMs,
    monotonicMs: system.monotonicMs,
    synchronise(databaseMs, sentMs) {
      const receivedMs = system.monotonicMs()
      const isVague = receivedMs - sentMs > MAX_ROUND_TRIP_MS
      if (isVague && synchronised !== null && receivedMs - synchronised.atMs < MAX_SYNCHRONISED_AGE_MS) return
      synchronised = { databaseMs, atMs: (sentMs + receivedMs) / 2 }
    },
    systemAheadMs: () => (synchronised === null ? 0 : system.nowMs() - nowMs()),
  }
}

/** The clocks of this machine. */
export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
