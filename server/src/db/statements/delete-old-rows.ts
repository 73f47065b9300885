import type { EntityManager } from 'typeorm'

/** Pages of 8 kB that one statement reads: about 5,000 sessions. Measured: 40 ms when nearly all of them are deleted. */
const PAGES_PER_BATCH = 256
const EVENTS_PER_BATCH = 4_000

/** One batch of deletions: how many rows it deleted, and where the next batch begins; null after the last one. */
export interface Batch {
  readonly deleted: number
  readonly next: number | null
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
export async function deleteOldRows(
  transaction: EntityManager,
  table: 'sessions' | 'attempt_counters',
  isOld: string,
  parameters: readonly unknown[],
  page: number,
): Promise<Batch> {
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
}

/**
 * Deletes the oldest events. Ids grow with time, so it reads them in the order of their ids until one is young enough to
 * stay; no index by time is needed.
 */
export async function deleteOldEvents(
  transaction: EntityManager,
  keepEventsMs: number,
  afterId: number,
): Promise<Batch> {
  const [{ deleted, newest }] = await transaction.query(
    `WITH oldest AS (SELECT id, at FROM security_events WHERE id > $1 ORDER BY id LIMIT ${EVENTS_PER_BATCH}),
     deleted AS (
       DELETE FROM security_events WHERE id IN (
         SELECT id FROM oldest WHERE at < now() - $2::float8 * interval '1 millisecond')
       RETURNING id)
     SELECT count(*)::integer AS deleted, max(id)::float8 AS newest FROM deleted`,
    [afterId, keepEventsMs],
  )
  return { deleted, next: deleted < EVENTS_PER_BATCH ? null : newest }
}
