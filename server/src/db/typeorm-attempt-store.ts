import type { DataSource } from 'typeorm'
import type { AttemptStore } from '../core/limits/attempt-limiter.ts'
import { translating } from './translate-error.ts'

const WINDOW = `interval '1 minute'`

/** One more in the counter of a key; a window that has ended starts again. */
const count = (key: string, limit: string, condition: string) => `
  INSERT INTO attempt_counters AS counter (key, count, ends_at)
  SELECT ${key}::text, 1, now() + ${WINDOW} WHERE ${condition}
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counter.ends_at <= now() THEN 1 ELSE counter.count + 1 END,
    ends_at = CASE WHEN counter.ends_at <= now() THEN now() + ${WINDOW} ELSE counter.ends_at END
  RETURNING count > ${limit}::integer AS is_over, ends_at`

/**
 * Both counters in one statement, by the database's clock. Each row is locked while it is counted, so attempts take turns
 * on any number of instances; always the address before the account, so that two never wait for each other.
 *
 * $1, $2 address and its limit  $3, $4 account and its limit; a null key is not counted
 * @see PROTOCOL.md S19, docs/decisions/0009-limits-of-our-own.md
 */
const countStatement = `
WITH address AS (${count('$1', '$2', '$1::text IS NOT NULL')}
), account AS (${count('$3', '$4', '$3::text IS NOT NULL AND NOT EXISTS (SELECT FROM address WHERE is_over)')}
)
SELECT extract(epoch FROM max(ends_at) - now())::float8 * 1000 AS wait_ms
FROM (SELECT * FROM address UNION ALL SELECT * FROM account) AS counted WHERE is_over`

export function createAttemptStore(dataSource: DataSource): AttemptStore {
  return {
    count: ({ address, account }) =>
      translating(async () => {
        const [{ wait_ms }]: [{ wait_ms: number | null }] = await dataSource.query(countStatement, [
          address?.key ?? null,
          address?.limit ?? 0,
          account?.key ?? null,
          account?.limit ?? 0,
        ])
        return wait_ms
      }),
  }
}
