import { MigrationExecutor } from 'typeorm'
import { migrationSettings } from './connections/session-settings.ts'
import { createDataSource } from './data-source.ts'
import { inTransaction } from './transaction.ts'

/** The advisory lock; no other program may use this number on the same database. */
const MIGRATION_LOCK = 7_203_915_026

/**
 * Applies missing migrations while all other starting instances wait. The lock belongs to the transaction of the migrations, so
 * it also works through PgBouncer, and a crash releases it. If one migration fails, none is applied. On a connection of its
 * own, because the timeouts of requests apply neither to migrations nor to the wait for another instance's.
 * @param print called with one line if another instance is migrating.
 */
export async function migrate(url: string, print: (line: string) => void = () => {}): Promise<void> {
  const dataSource = await createDataSource({ url, poolSize: 1, timeouts: 'none' }).initialize()
  try {
    await inTransaction(dataSource, async (transaction) => {
      // Once more, for this transaction: a pooler may have kept them from being pinned.
      await transaction.query(
        `SELECT set_config(name, value, true) FROM json_each_text($1) AS pinned(name, value)
         WHERE current_setting(name, true) IS NOT NULL`,
        [JSON.stringify(migrationSettings)],
      )
      const [{ held }] = await transaction.query('SELECT pg_try_advisory_xact_lock($1) AS held', [MIGRATION_LOCK])
      if (!held) {
        print('Another instance is migrating the database; waiting for it.')
        await transaction.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
      }
      await new MigrationExecutor(dataSource, transaction.queryRunner).executePendingMigrations()
    })
  } finally {
    await dataSource.destroy()
  }
}
