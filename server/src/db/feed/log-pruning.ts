import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource } from 'typeorm'
import { oldestRunning, pruneLog } from '../statements/revocation-log.ts'

const ENTRIES_PER_BATCH = 5_000
const INTERVAL_MS = 10_000
/** Other instances may have a longer access-token lifetime while an operator changes it, so entries stay at least this long. */
const MIN_KEPT_MS = 3_600_000

export interface LogPruning {
  /** Does what is due. */
  run(): Promise<void>
  /** Runs at regular intervals from now on; the returned function stops it and waits for the current batch. */
  start(onError: (error: unknown) => void): () => Promise<void>
}

/**
 * Keeps the log of revocations short. An entry is deleted some time after its transaction committed, when no token can need it
 * any more. Postgres does not record commit times, but it knows which transactions have ended. So each pass notes the oldest
 * one that is still running, and a later pass deletes what is older.
 * @param keptMs how long this instance needs an entry after its commit, in milliseconds
 * @param monotonicMs a clock that never jumps
 * @see PROTOCOL.md S15, S22
 */
export function createLogPruning(dataSource: DataSource, keptMs: number, monotonicMs: () => number): LogPruning {
  const stopping = new AbortController()
  const minAgeMs = Math.max(keptMs, MIN_KEPT_MS)
  let horizon: { readonly transaction: string; readonly atMs: number } | null = null

  async function run(): Promise<void> {
    const atMs = monotonicMs()
    if (horizon !== null) {
      if (atMs - horizon.atMs < minAgeMs) return
      for (let deleted = ENTRIES_PER_BATCH; deleted === ENTRIES_PER_BATCH && !stopping.signal.aborted; ) {
        const answer: [unknown, number] = await dataSource.query(pruneLog, [horizon.transaction, ENTRIES_PER_BATCH])
        deleted = answer[1]
      }
    }
    const [{ transaction }] = await dataSource.query(oldestRunning)
    horizon = { transaction, atMs }
  }

  return {
    run,
    start(onError) {
      const { signal } = stopping
      const running = (async () => {
        while (!signal.aborted) {
          await run().catch(onError)
          await sleep(INTERVAL_MS, undefined, { signal, ref: false }).catch(() => {})
        }
      })()
      return () => {
        stopping.abort()
        return running
      }
    },
  }
}
