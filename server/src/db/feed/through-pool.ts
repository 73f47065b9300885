import type { DataSource } from 'typeorm'
import type { FeedMessage } from './feed-message.ts'

/** Notifies all instances through the pool. */
export async function notify(dataSource: DataSource, message: FeedMessage): Promise<void> {
  await dataSource.query("SELECT pg_notify('silent_refresh', $1)", [JSON.stringify(message)])
}

/** The database's time, in milliseconds since the Unix epoch. */
export async function databaseTimeMs(dataSource: DataSource): Promise<number> {
  const [{ now }] = await dataSource.query('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now')
  return now
}
