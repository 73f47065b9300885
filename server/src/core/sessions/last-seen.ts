import type { Clock } from '../clock.ts'

/** Keeps in mind when sessions were last used and writes it down in batches, so that no request waits for it. */
export interface LastSeen {
  note(sessionId: string): void
  /** Writes what is noted, in one statement. A failure keeps it for the next time. */
  flush(): Promise<void>
  /** Flushes from now on in steps of `FLUSH_INTERVAL_MS`; the result stops it. */
  start(onError: (error: unknown) => void): () => void
}

/** How old `lastSeenAt` may be. Milliseconds. */
const FLUSH_INTERVAL_MS = 5_000

/** @param write one statement for any number of sessions. */
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
