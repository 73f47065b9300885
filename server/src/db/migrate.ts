import type { DataSource } from 'typeorm'

/** Any number that no other program on this database takes its advisory locks by. */
const MIGRATION_LOCK = 7_203_915_026

/**
 * Applies what is missing while every other instance that starts waits. The lock belongs to a transaction, so it works
 * through PgBouncer too, and a crash releases it.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const holder = dataSource.createQueryRunner()
  try {
    await holder.startTransaction()
    // Another instance may take longer than one statement is allowed to: here waiting is right.
    await holder.query('SET LOCAL statement_timeout = 0')
    await holder.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await dataSource.runMigrations({ transaction: 'each' })
  } finally {
    if (holder.isTransactionActive) await holder.rollbackTransaction()
    await holder.release()
  }
}
