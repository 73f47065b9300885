import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'
import { tryAll } from '../core/try-all.ts'
import { type Sweep, sweepEvents, sweepPages } from './statements/delete-old-rows.ts'
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
  /**
   * Runs one pass over all tables, including those after a table that failed. Null when another instance is doing the same.
   * @throws the error, or an AggregateError of several, at the end of the pass.
   */
  run(): Promise<Removed | null>
  /**
   * Runs passes from now on, and reports each with what it removed before an error. Returns a function that stops them and
   * waits for the current batch.
   */
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
 *
 * What happens after an error. A table that fails does not stop the others. The next pass continues after the batch that
 * failed, so a batch that always fails, for example because of a damaged page, does not stop the batches behind it.
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

  const isOverdue = `expires_at < now() - $1::float8 * interval '1 millisecond'`
  const sweeps: readonly (readonly [kind: keyof Removed, sweep: Sweep])[] = [
    ['sessions', sweepPages('sessions', isOverdue, [keepSessionsMs])],
    ...(keepEventsMs === 0 ? [] : [['securityEvents', sweepEvents(keepEventsMs)] as const]),
    ['attemptCounters', sweepPages('attempt_counters', 'ends_at < now()')],
  ]
  /** Where each sweep starts: at 0, or after the batch that failed in the previous pass. */
  const startOf = new Map<Sweep, number>()

  async function runPass() {
    const removed = { sessions: 0, securityEvents: 0, attemptCounters: 0 }
    let isBusy = false

    /** Deletes batches until the last one, or until it is stopped or another instance holds the lock. */
    async function run(kind: keyof Removed, sweep: Sweep): Promise<void> {
      let from = startOf.get(sweep) ?? 0
      startOf.delete(sweep)
      while (!isBusy && !stopping.signal.aborted) {
        const batch = await withLock((transaction) => sweep.deleteBatch(transaction, from)).catch((error: unknown) => {
          startOf.set(sweep, sweep.after(from))
          throw error
        })
        isBusy = batch === null
        removed[kind] += batch?.deleted ?? 0
        if (batch === null || batch.next === null) return
        from = batch.next
        await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }

    let error: unknown
    try {
      await tryAll(
        sweeps.map(
          ([kind, sweep]) =>
            () =>
              run(kind, sweep),
        ),
      )
    } catch (failure) {
      error = failure
    }
    return { removed: isBusy ? null : removed, error }
  }

  return {
    async run() {
      const { removed, error } = await runPass()
      if (error !== undefined) throw error
      return removed
    },
    start({ onPass, onError }) {
      const { signal } = stopping
      const running = (async () => {
        while (!signal.aborted) {
          await sleep(intervalMs * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => {})
          if (signal.aborted) return
          const { removed, error } = await runPass()
          if (removed !== null) onPass(removed)
          if (error !== undefined) onError(error)
        }
      })()
      return () => {
        stopping.abort()
        return running
      }
    },
  }
}
