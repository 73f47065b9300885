import type { Clock } from '../clock.ts'
import { tryAll } from '../try-all.ts'

/** Records when sessions were last used and stores it in batches, so that no request waits for the write. */
export interface LastSeen {
  note(sessionId: string): void
  /**
   * Stores everything noted so far, after a flush in progress. A statement that fails does not keep the others from running,
   * and its sessions are kept for the next flush.
   */
  flush(): Promise<void>
  /** Flushes at regular intervals; the returned function stops it. */
  start(onError: (error: unknown) => void): () => void
}

/** `lastSeenAt` in the database is at most this much behind, in milliseconds. */
const FLUSH_INTERVAL_MS = 5_000
/** How many sessions one statement writes at most. */
const MAX_WRITTEN_AT_ONCE = 1_000

/** @param write stores up to 1,000 sessions in one statement. */
export function createLastSeen(clock: Clock, write: (batch: ReadonlyMap<string, number>) => Promise<void>): LastSeen {
  let noted = new Map<string, number>()
  let flushing: Promise<void> | undefined

  async function writeOrKeep(batch: ReadonlyMap<string, number>): Promise<void> {
    try {
      await write(batch)
    } catch (error) {
      for (const [id, at] of batch) if (!noted.has(id)) noted.set(id, at)
      throw error
    }
  }

  async function flushNoted(): Promise<void> {
    const entries = [...noted]
    noted = new Map()
    const starts = Array.from({ length: Math.ceil(entries.length / MAX_WRITTEN_AT_ONCE) }, (_, i) => i)
    const batches = starts.map((i) => entries.slice(i * MAX_WRITTEN_AT_ONCE, (i + 1) * MAX_WRITTEN_AT_ONCE))
    await tryAll(batches.map((batch) => () => writeOrKeep(new Map(batch))))
  }

  /** One at a time, because a slow database would otherwise collect more and more of them. */
  function flush(): Promise<void> {
    const next = (flushing?.catch(() => {}) ?? Promise.resolve()).then(flushNoted).finally(() => {
      if (flushing === next) flushing = undefined
    })
    flushing = next
    return next
  }

  return {
    note: (sessionId) => noted.set(sessionId, clock.nowMs()),
    flush,
    start(onError) {
      const timer = setInterval(() => {
        if (flushing === undefined) void flush().catch(onError)
      }, FLUSH_INTERVAL_MS)
      return () => clearInterval(timer)
    },
  }
}
