import type { DataSource } from 'typeorm'
import { oldestRunning, pruneLog } from '../statements/revocation-log.ts'

const ENTRIES_PER_BATCH = 5_000
const INTERVAL_MS = 10_000

export interface LogPruning {
  /** Does what is due, at most one batch. */
  run(): Promise<void>
  /** Runs at regular intervals from now on; the returned function stops it. */
  start(onError: (error: unknown) => void): () => void
}

/**
 * Keeps the log of revocations short. An entry may go when no token can need it any more: some time after its transaction
 * *committed*. Postgres does not tell when that was, but it tells which transactions have ended by now. So each pass notes
 * the oldest one that is still running, and a later pass deletes what is older.
 * @param keptMs how long an entry must be kept after its commit, in milliseconds
 * @param monotonicMs a clock that never jumps
 * @see PROTOCOL.md S15, S22
 */
export function createLogPruning(dataSource: DataSource, keptMs: number, monotonicMs: () => number): LogPruning {
  let horizon: { readonly transaction: string; readonly atMs: number } | null = null

  async function run(): Promise<void> {
    const atMs = monotonicMs()
    if (horizon !== null) {
      if (atMs - horizon.atMs < keptMs) return
      const [, deleted] = await dataSource.query(pruneLog, [horizon.transaction, ENTRIES_PER_BATCH])
      if (deleted === ENTRIES_PER_BATCH) return // the next run deletes the next batch
    }
    const [{ transaction }] = await dataSource.query(oldestRunning)
    horizon = { transaction, atMs }
  }

  return {
    run,
    start(onError) {
      const timer = setInterval(() => void run().catch(onError), INTERVAL_MS)
      return () => clearInterval(timer)
    },
  }
}
