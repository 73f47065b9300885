import type { EntityManager } from 'typeorm'

/** Pages of 8 kB that one statement reads: about 5,000 sessions. Measured: 40 ms when nearly all of them are deleted. */
const PAGES_PER_BATCH = 256
const EVENTS_PER_BATCH = 4_000

/** One batch of deletions: how many rows it deleted, and where the next batch begins; null after the last one. */
export interface Batch {
  readonly deleted: number
  readonly next: number | null
}

/** Deletes what is old in one table, batch by batch. */
export interface Sweep {
  /** Deletes one batch; the first begins at 0. */
  deleteBatch(transaction: EntityManager, from: number): Promise<Batch>
  /** Where to continue after the batch at `from` has failed, so that it does not keep the others from being deleted. */
  after(from: number): number
}

/**
 * Walks a table page by page, in physical order.
 *
 * Why it is hand-written. The column that decides has no index, so that rotations and counting stay heap-only updates. A
 * range of `ctid` reads just the pages of the batch (TID range scan, Postgres 14 and later), wherever the old rows are. A
 * row that another transaction has locked, or that moves to another page meanwhile, is left for the next pass.
 * @param isOld a condition; its parameters start at $1
 * @see PROTOCOL.md S22
 */
export function sweepPages(
  table: 'sessions' | 'attempt_counters',
  isOld: string,
  parameters: readonly unknown[] = [],
): Sweep {
  return {
    async deleteBatch(transaction, page) {
      const end = page + PAGES_PER_BATCH
      const [, deleted] = await transaction.query(
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${table}
           WHERE ctid >= '(${page},0)'::tid AND ctid < '(${end},0)'::tid AND ${isOld}
           FOR UPDATE SKIP LOCKED))`,
        [...parameters],
      )
      const [{ pages }] = await transaction.query(
        `SELECT pg_relation_size('${table}') / current_setting('block_size')::bigint AS pages`,
      )
      return { deleted, next: end >= Number(pages) ? null : end }
    },
    after: (page) => page + PAGES_PER_BATCH,
  }
}

/**
 * Deletes events by their time, whatever their ids are: the clock may have been wrong when some were written. It reads the
 * index by time (migration 0008), and the ORDER BY keeps the planner from reading the whole table instead. Batches begin at
 * the oldest event (0), or at the youngest old one (1) after a failure, so that one bad row stops only its own batch.
 */
export function sweepEvents(keepEventsMs: number): Sweep {
  return {
    async deleteBatch(transaction, end) {
      const [, deleted] = await transaction.query(
        `DELETE FROM security_events WHERE id = ANY (ARRAY(
           SELECT id FROM security_events WHERE at < now() - $1::float8 * interval '1 millisecond'
           ORDER BY at ${end === 0 ? 'ASC' : 'DESC'} LIMIT ${EVENTS_PER_BATCH} FOR UPDATE SKIP LOCKED))`,
        [keepEventsMs],
      )
      return { deleted, next: deleted < EVENTS_PER_BATCH ? null : end }
    },
    after: (end) => 1 - end,
  }
}
