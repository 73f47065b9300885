import { MigrationExecutor } from 'typeorm'
import { migrationSettings } from './connections/session-settings.ts'
import { createDataSource } from './data-source.ts'
import { inTransaction } from './transaction.ts'

/** The advisory lock; no other program may use this number on the same database. */
const MIGRATION_LOCK = 7_203_915_026
const MAX_ATTEMPTS = 10

/**
 * Applies missing migrations while all other starting instances wait. The lock belongs to the transaction of the migrations, so
 * it also works through PgBouncer, and a crash releases it. If one migration fails, none is applied. On a connection of its
 * own, because the timeouts of requests apply neither to migrations nor to the wait for another instance's.
 * @param print called with one line if another instance is migrating.
 */
export async function migrate(url: string, print: (line: string) => void = () => {}): Promise<void> {
  const dataSource = await createDataSource({ url, poolSize: 1, timeouts: 'none' }).initialize()
  try {
    await untilNoDeadlock(() =>
      inTransaction(dataSource, async (transaction) => {
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
      }),
    )
  } finally {
    await dataSource.destroy()
  }
}

/** A migration and a request can each wait for a table that the other has locked; Postgres then ends one of them. */
async function untilNoDeadlock(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if ((error as { code?: string }).code !== '40P01' || attempt === MAX_ATTEMPTS) throw error
    }
  }
}
