import { query } from '../processes/bench-postgres.ts'

/** What Postgres has written so far, and how large the table of sessions is. */
export interface Storage {
  readonly walBytes: number
  /** Whole pages in the WAL: the first change of a page after a checkpoint writes all of it. */
  readonly walPages: number
  readonly walWrites: number
  readonly walSyncs: number
  readonly updates: number
  readonly hotUpdates: number
  /** Bytes on disk. */
  readonly tableSize: number
  readonly indexSize: number
}

/** To be called while no other connection is open: a connection reports what it did when it closes, if not before. */
export async function readStorage(url: string): Promise<Storage> {
  const [wal] = await query<Record<string, string>>(url, await walStatement(url))
  const [table] = await query<Record<string, string>>(
    url,
    `SELECT n_tup_upd AS updates, n_tup_hot_upd AS "hotUpdates",
       pg_table_size('sessions') AS "tableSize", pg_indexes_size('sessions') AS "indexSize"
     FROM pg_stat_user_tables WHERE relname = 'sessions'`,
  )
  return Object.fromEntries(
    Object.entries({ ...wal, ...table }).map(([name, value]) => [name, Number(value)]),
  ) as unknown as Storage
}

/** Postgres 18 counts writes and syncs of the WAL in another view. */
async function walStatement(url: string): Promise<string> {
  const [row] = await query<{ version: string }>(url, `SELECT current_setting('server_version_num') AS version`)
  const io =
    Number(row?.version) >= 180_000
      ? `(SELECT sum(writes) FROM pg_stat_io WHERE object = 'wal') AS "walWrites",
         (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal') AS "walSyncs"`
      : 'wal_write AS "walWrites", wal_sync AS "walSyncs"'
  return `SELECT wal_bytes AS "walBytes", wal_fpi AS "walPages", ${io} FROM pg_stat_wal`
}
