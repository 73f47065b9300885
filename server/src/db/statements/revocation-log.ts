/**
 * A page of what the revocation feed reads after each connect: every revocation that may still matter, in the form of a
 * notification.
 *
 * Why these are hand-written. They run on the feed's own connection, on which it already listens, and outside TypeORM's pool.
 * Why the log is not filtered by time. A row carries the time at which it was written, but it takes effect when its
 * transaction commits, which can be much later. So the log is read as a whole, and `pruneLog` keeps it short.
 *
 * $1 the id after which the page begins
 * @see PROTOCOL.md S15
 */
export const readLogPage = 'SELECT id, message FROM revocations WHERE id > $1::bigint ORDER BY id LIMIT 5000'

/** All transactions before this one have ended. A full `xid8`, which never wraps around. */
export const oldestRunning = 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS transaction'

/**
 * Deletes a batch of entries whose transactions had ended when `$1` was the oldest running one, and leftovers of another
 * Postgres whose dump was restored here, which belong to transactions that do not exist yet.
 *
 * $1 the result of `oldestRunning` some time ago  $2 the size of the batch
 * @see PROTOCOL.md S22
 */
export const pruneLog = `
DELETE FROM revocations WHERE id IN (
  SELECT id FROM revocations
  WHERE transaction_id < $1::xid8 OR transaction_id >= pg_snapshot_xmax(pg_current_snapshot())
  LIMIT $2 FOR UPDATE SKIP LOCKED)`
