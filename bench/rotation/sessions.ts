import { migrate } from '../../server/src/db/migrate.ts'
import { type BenchPostgres, query } from '../processes/bench-postgres.ts'

/** A database with live sessions that nobody has refreshed yet. */
export interface SessionTable {
  readonly url: string
  readonly count: number
  /** The current generation of each session, by its number from 0. */
  readonly generations: Int32Array
}

export const origin = {
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  ipAddress: '192.0.2.1',
}

/** The session with this number; the same in every database. */
export const sessionId = (index: number): string => `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`

/** Creates a database with so many sessions, four for each user. */
export async function createSessions(postgres: BenchPostgres, name: string, count: number): Promise<SessionTable> {
  const url = await postgres.createDatabase(name)
  await migrate(url)
  const users = Math.ceil(count / 4)
  await query(
    url,
    `INSERT INTO users (id, username, username_key, email, password_hash)
     SELECT ${uuid('n')}, 'person-' || n, 'person-' || n, 'person-' || n || '@example.com', '-'
     FROM generate_series(0, $1::integer - 1) AS n`,
    [users],
  )
  await query(
    url,
    `INSERT INTO sessions (id, user_id, app_id, device_id, device_name, user_agent, ip_address,
       rotated_at, created_at, last_seen_at, refresh_window_at, expires_at, absolute_expires_at)
     SELECT ${uuid('n')}, ${uuid('n / 4')}, 'bench', 'device-' || n, 'Ada''s laptop', $2, $3,
       now(), now(), now(), now(), now() + interval '7 days', now() + interval '30 days'
     FROM generate_series(0, $1::integer - 1) AS n`,
    [count, origin.userAgent, origin.ipAddress],
  )
  await query(url, 'VACUUM ANALYZE')
  return { url, count, generations: new Int32Array(count) }
}

/** The SQL for `sessionId`. */
const uuid = (number: string): string => `('00000000-0000-4000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`
