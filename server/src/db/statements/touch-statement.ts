import { prepared } from './prepared.ts'

/**
 * Writes when sessions were last used, for up to 1,000 sessions at once, and never moves a time back.
 *
 * Why it is one hand-written statement. It runs every few seconds beside the requests and must not make any of them wait. It
 * skips a row that is locked: that session is being rotated, which writes the time too, or revoked. So the statement
 * never waits, and two of them that take the same rows in different order cannot deadlock. TypeORM cannot update many rows
 * with different values at once.
 *
 * $1 session ids  $2 times, in milliseconds since the epoch
 * @see PROTOCOL.md S13
 */
export const touchStatement = prepared<never>(
  'touch',
  `
UPDATE sessions SET last_seen_at = free.at
FROM (
  SELECT sessions.id, seen.at
  FROM (SELECT unnest($1::uuid[]) AS id, to_timestamp(unnest($2::float8[]) / 1000) AS at) AS seen
  JOIN sessions ON sessions.id = seen.id
  WHERE sessions.last_seen_at < seen.at AND sessions.revoked_at IS NULL
  FOR NO KEY UPDATE OF sessions SKIP LOCKED
) AS free
WHERE sessions.id = free.id`,
)
