import type { Clock } from '../clock.ts'

/** Records when sessions were last used and stores it in batches, so that no request waits for the write. */
export interface LastSeen {
  note(sessionId: string): void
  /** Stores everything noted so far in one statement. On failure it is kept for the next flush. */
  flush(): Promise<void>
  /** Flushes at regular intervals; the returned function stops it. */
  start(onError: (error: unknown) => void): () => void
}

/** `lastSeenAt` in the database is at most this much behind, in milliseconds. */
const FLUSH_INTERVAL_MS = 5_000

/** @param write stores any number of sessions in one statement. */
export function createLastSeen(clock: Clock, write: (batch: ReadonlyMap<string, number>) => Promise<void>): LastSeen {
  let noted = new Map<string, number>()

  async function flush(): Promise<void> {
    if (noted.size === 0) return
    const batch = noted
    noted = new Map()
    try {
      await write(batch)
    } catch (error) {
      for (const [id, at] of noted) batch.set(id, at)
      noted = batch
      throw error
    }
  }

  return {
    note: (sessionId) => noted.set(sessionId, clock.nowMs()),
    flush,
    start(onError) {
      const timer = setInterval(() => void flush().catch(onError), FLUSH_INTERVAL_MS)
      return () => clearInterval(timer)
    },
  }
}
