import type { DataSource } from 'typeorm'

/** The advisory lock; no other program may use this number on the same database. */
const MIGRATION_LOCK = 7_203_915_026

/**
 * Applies missing migrations while all other starting instances wait. The lock belongs to a transaction, so it also works
 * through PgBouncer, and a crash releases it.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const holder = dataSource.createQueryRunner()
  try {
    await holder.startTransaction()
    // Another instance may take longer than the statement timeout, and this one has to wait for it.
    await holder.query('SET LOCAL statement_timeout = 0')
    await holder.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await dataSource.runMigrations({ transaction: 'each' })
  } finally {
    if (holder.isTransactionActive) await holder.rollbackTransaction()
    await holder.release()
  }
}
