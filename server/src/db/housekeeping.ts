import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'
import { type Batch, deleteOldEvents, deleteOldRows } from './statements/delete-old-rows.ts'
import { inTransaction } from './transaction.ts'

/** The advisory lock; no other program may use this number on the same database. Migrations use another one. */
const HOUSEKEEPING_LOCK = 7_203_915_027

/** A pass begins half to one and a half times this after the previous one, so that instances drift apart. Milliseconds. */
const INTERVAL_MS = 15 * 60_000
/** A pause between two batches, in which other statements run. Milliseconds. */
const PAUSE_MS = 50

export interface HousekeepingOptions {
  readonly dataSource: DataSource
  /** How long a session's row is kept after its last refresh token: as long as an access token can live. Milliseconds. */
  readonly keepSessionsMs: number
  /** How long events are kept; 0 keeps them forever. Milliseconds. */
  readonly keepEventsMs: number
  /** Tests shorten it. */
  readonly intervalMs?: number
}

/** How many rows a pass removed. */
export type Removed = Readonly<Record<'sessions' | 'securityEvents' | 'attemptCounters', number>>

export interface Housekeeping {
  /** Runs one pass over all tables. Null when another instance is doing the same. */
  run(): Promise<Removed | null>
  /** Runs passes from now on. Returns a function that stops them and waits for the current batch. */
  start(listeners: { onPass(removed: Removed): void; onError(error: unknown): void }): () => Promise<void>
}

/**
 * Removes rows that are no longer needed, in small batches that wait for no other statement.
 *
 * When a session's row may go. Its current refresh token expires with `expires_at`, even if the session is revoked, all
 * earlier tokens expire no later, and its last access token expires at most one lifetime after it. Until then the row is
 * needed to recognise a spent token (S8) and to tell a new instance that the session was revoked (S15). A token can outlive
 * its row only when an operator shortens the lifetimes; it is then refused as unknown.
 *
 * Which instance runs. Each batch is a transaction that tries to take an advisory lock, so it works through PgBouncer, and a
 * crash leaves nothing behind. An instance that does not get the lock ends its pass, because another one is at work.
 * @see PROTOCOL.md S22
 */
export function createHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { dataSource, keepSessionsMs, keepEventsMs, intervalMs = INTERVAL_MS } = options
  const stopping = new AbortController()

  /** Null when another instance holds the lock. */
  function withLock<T>(work: (transaction: EntityManager) => Promise<T>): Promise<T | null> {
    return inTransaction(dataSource, async (transaction) => {
      const [{ held }] = await transaction.query('SELECT pg_try_advisory_xact_lock($1) AS held', [HOUSEKEEPING_LOCK])
      return held ? work(transaction) : null
    })
  }

  /** Runs batches until the last one, or until it is stopped. Null when another instance holds the lock. */
  async function inBatches(deleteBatch: (transaction: EntityManager, from: number) => Promise<Batch>) {
    let total = 0
    for (let from = 0; ; ) {
      const batch = await withLock((transaction) => deleteBatch(transaction, from))
      if (batch === null) return null
      total += batch.deleted
      if (batch.next === null || stopping.signal.aborted) return total
      from = batch.next
      await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  async function run(): Promise<Removed | null> {
    const isOverdue = `expires_at < now() - $1::float8 * interval '1 millisecond'`
    const sessions = await inBatches((transaction, page) =>
      deleteOldRows(transaction, 'sessions', isOverdue, [keepSessionsMs], page),
    )
    if (sessions === null) return null
    const securityEvents =
      keepEventsMs === 0 ? 0 : await inBatches((transaction, id) => deleteOldEvents(transaction, keepEventsMs, id))
    if (securityEvents === null) return null
    const attemptCounters = await inBatches((transaction, page) =>
      deleteOldRows(transaction, 'attempt_counters', 'ends_at < now()', [], page),
    )
    return attemptCounters === null ? null : { sessions, securityEvents, attemptCounters }
  }

  return {
    run,
    start({ onPass, onError }) {
      const { signal } = stopping
      const running = (async () => {
        while (!signal.aborted) {
          await sleep(intervalMs * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => {})
          if (signal.aborted) return
          await run().then((removed) => removed !== null && onPass(removed), onError)
        }
      })()
      return () => {
        stopping.abort()
        return running
      }
    },
  }
}
