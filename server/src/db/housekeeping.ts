import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'

/** Any number that no other program on this database takes its advisory locks by; not that of migrations. */
const HOUSEKEEPING_LOCK = 7_203_915_027

/** A pass begins half to one and a half of this after the one before, so that instances do not move in step. Milliseconds. */
const INTERVAL_MS = 15 * 60_000
/** Between two batches, for everyone else. Milliseconds. */
const PAUSE_MS = 50
/** Pages of 8 kB that one statement reads: some 5,000 sessions, and 40 ms when nearly all of them go, measured. */
const PAGES_PER_BATCH = 256
const EVENTS_PER_BATCH = 4_000

export interface HousekeepingOptions {
  dataSource: DataSource
  /** How long the row of a session outlives its last refresh token: as long as an access token can. Milliseconds. */
  keepSessionsMs: number
  /** How long events are kept; 0 keeps them for ever. Milliseconds. */
  keepEventsMs: number
  /** Tests shorten it. */
  intervalMs?: number
}

/** How many rows a pass removed. */
export interface Removed {
  sessions: number
  securityEvents: number
  attemptCounters: number
}

export interface Housekeeping {
  /** One pass over everything; null when another instance was at it, which is as good. */
  run(): Promise<Removed | null>
  /** Passes from now on; the result stops them and waits for the batch under way. */
  start(told: { onPass: (removed: Removed) => void; onError: (error: unknown) => void }): () => Promise<void>
}

/**
 * Removes what nothing can need any more, in small batches that wait for nobody.
 *
 * When a session's row may go. Its current refresh token, revoked or not, expires with `expires_at`, the ones before no
 * later, and its last access token at most one lifetime after it. Until then the row is what recognises a spent token (S8)
 * and what tells a new instance that the session was ended (S15). A token that outlives its row after all, because an
 * operator has shortened the lifetimes, is refused as unknown.
 *
 * Which instance. Each batch is a transaction that tries an advisory lock, so it works through PgBouncer and a crash leaves
 * nothing behind. Whoever does not get it ends its pass: another one is at it.
 * @see PROTOCOL.md S22
 */
export function createHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { dataSource, keepSessionsMs, keepEventsMs, intervalMs = INTERVAL_MS } = options
  const stopping = new AbortController()

  /** Null when another instance holds the lock. */
  function batch<T>(work: (transaction: EntityManager) => Promise<T>): Promise<T | null> {
    return dataSource.transaction(async (transaction) => {
      const [{ held }] = await transaction.query('SELECT pg_try_advisory_xact_lock($1) AS held', [HOUSEKEEPING_LOCK])
      return held ? work(transaction) : null
    })
  }

  /** Batch after batch until one says that it was the last; how many rows went. Null: another instance is at it. */
  async function all(step: (transaction: EntityManager) => Promise<{ removed: number; last: boolean }>) {
    for (let total = 0; ; ) {
      const done = await batch(step)
      if (done === null) return null
      total += done.removed
      if (done.last || stopping.signal.aborted) return total
      await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  /**
   * Walks a table by its pages, in the order in which they lie. The time by which rows go has no index, so that rotating
   * and counting stay heap-only updates; a range of `ctid` reads just its pages, wherever that time lies (TID range scan,
   * Postgres 14 and later). A row that moves to another page meanwhile is found by the next pass.
   */
  function byPages(table: 'sessions' | 'attempt_counters', isOver: string, parameters: unknown[] = []) {
    let page = 0
    return all(async (transaction) => {
      const [, removed] = await transaction.query(
        // A row that somebody else has locked is left for the next pass.
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${table}
           WHERE ctid >= '(${page},0)'::tid AND ctid < '(${page + PAGES_PER_BATCH},0)'::tid AND ${isOver}
           FOR UPDATE SKIP LOCKED))`,
        parameters,
      )
      page += PAGES_PER_BATCH
      const [{ pages }] = await transaction.query(
        `SELECT pg_relation_size('${table}') / current_setting('block_size')::bigint AS pages`,
      )
      return { removed, last: page >= Number(pages) }
    })
  }

  /** Events lie in the order of their ids, which grow with time: the oldest are read until one is young enough to stay. */
  function oldEvents() {
    let after = '0'
    return all(async (transaction) => {
      const [{ removed, newest }] = await transaction.query(
        `WITH oldest AS (SELECT id, at FROM security_events WHERE id > $1 ORDER BY id LIMIT ${EVENTS_PER_BATCH}),
         gone AS (
           DELETE FROM security_events WHERE id IN (
             SELECT id FROM oldest WHERE at < now() - $2::float8 * interval '1 millisecond')
           RETURNING id)
         SELECT count(*)::integer AS removed, max(id) AS newest FROM gone`,
        [after, keepEventsMs],
      )
      after = newest
      return { removed, last: removed < EVENTS_PER_BATCH }
    })
  }

  async function run(): Promise<Removed | null> {
    const sessions = await byPages('sessions', `expires_at < now() - $1::float8 * interval '1 millisecond'`, [
      keepSessionsMs,
    ])
    if (sessions === null) return null
    const securityEvents = keepEventsMs === 0 ? 0 : await oldEvents()
    if (securityEvents === null) return null
    const attemptCounters = await byPages('attempt_counters', 'ends_at < now()')
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
