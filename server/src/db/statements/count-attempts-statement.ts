import { prepared } from './prepared.ts'

const WINDOW = `interval '1 minute'`

/** Adds one to the counter of a key; a counter whose minute is over starts again. */
const countAttempt = (key: string, limit: string, condition: string) => `
  INSERT INTO attempt_counters AS counter (key, count, ends_at)
  SELECT ${key}::text, 1, now() + ${WINDOW} WHERE ${condition}
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counter.ends_at <= now() THEN 1 ELSE counter.count + 1 END,
    ends_at = CASE WHEN counter.ends_at <= now() THEN now() + ${WINDOW} ELSE counter.ends_at END
  RETURNING count > ${limit}::integer AS is_over, ends_at`

/**
 * Counts an attempt in two counters: that of an address and an account, or of a session and its user.
 *
 * Why it is one hand-written statement. Counting and deciding happen under the lock on the counter's row, so attempts run
 * one after the other on any number of instances, and none slips in between a read and a write. TypeORM cannot express
 * what happens on conflict. A first counter over its limit no longer adds to the second one, so that one address or one
 * session cannot lock the user out. An address or a session always comes first, so two of these statements cannot deadlock.
 * Times come from the database's clock.
 *
 * $1, $2 first key and its limit  $3, $4 second key and its limit; a null key is not counted
 * @see PROTOCOL.md S19, docs/decisions/0009-limits-of-our-own.md
 */
export const countAttemptsStatement = prepared<{ waitMs: number | null }>(
  'count-attempts',
  `
WITH first AS (${countAttempt('$1', '$2', '$1::text IS NOT NULL')}
), second AS (${countAttempt('$3', '$4', '$3::text IS NOT NULL AND NOT EXISTS (SELECT FROM first WHERE is_over)')}
)
SELECT extract(epoch FROM max(ends_at) - now())::float8 * 1000 AS "waitMs"
FROM (SELECT * FROM first UNION ALL SELECT * FROM second) AS counted WHERE is_over`,
)
