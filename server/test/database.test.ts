import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { EntityManager, Logger, QueryRunner } from 'typeorm'
import { createDataSource } from '../src/db/data-source.ts'
import { migrate } from '../src/db/migrate.ts'
import { createSecurityEventStore } from '../src/db/security-event-store.ts'
import { createSessionStore } from '../src/db/session-store.ts'
import { translatingErrors } from '../src/db/translate-error.ts'
import { ServiceUnavailableError } from '../src/errors.ts'
import { createTestDatabase } from './support/database.ts'
import { startPooler } from './support/faults/pooler.ts'
import { until } from './support/until.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

it('runs each migration once when several instances start at the same time', async () => {
  await Promise.all([1, 2, 3].map(() => migrate(database.url)))
  const dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize()
  try {
    const [{ count }] = await dataSource.query('SELECT count(*)::int FROM migrations')
    expect(count).toBe(dataSource.migrations.length)
  } finally {
    await dataSource.destroy()
  }
})

it('waits for another instance that is migrating, and says so once', async () => {
  const other = await createDataSource({ url: database.url, poolSize: 1 }).initialize()
  const lines: string[] = []
  try {
    const migrated = await other.transaction(async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock(7203915026)')
      const migrated = migrate(database.url, (line) => lines.push(line))
      await until(() => lines.length > 0)
      return { migrated }
    })
    await migrated.migrated
    expect(lines).toEqual(['Another instance is migrating the database; waiting for it.'])
  } finally {
    await other.destroy()
  }
})

it('applies migrations that take longer than a request may, also through a pooler', async () => {
  const fresh = await createTestDatabase()
  for (const name of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) {
    await fresh.preset(name, '2s')
  }
  const pooler = await startPooler(fresh.url)
  const dataSource = await createDataSource({ url: fresh.url, poolSize: 2 }).initialize()
  const blocker = dataSource.createQueryRunner()
  try {
    await blocker.startTransaction()
    await blocker.query(`SET LOCAL idle_in_transaction_session_timeout = 0`)
    await blocker.query('CREATE TABLE users ()') // the first migration waits for what becomes of this one
    const migrated = migrate(pooler.url)
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND clock_timestamp() - query_start > interval '6.5 seconds'`
    await Promise.race([migrated, until(async () => (await dataSource.query(waiting)).length > 0)])
    await blocker.rollbackTransaction()
    await migrated
    expect(await dataSource.showMigrations()).toBe(false)
  } finally {
    await blocker.release()
    await dataSource.destroy()
    await pooler.close()
    await fresh.drop()
  }
})

it('migrates again after a deadlock with a request, from an earlier version', async () => {
  const fresh = await createTestDatabase()
  await migrate(fresh.url)
  const dataSource = await createDataSource({ url: fresh.url, poolSize: 2 }).initialize()
  const request = dataSource.createQueryRunner()
  try {
    for (let undone = 0; undone < 4; undone += 1) await dataSource.undoLastMigration()
    await request.startTransaction()
    await request.query(`SET LOCAL deadlock_timeout = '1h'`) // so that the migration is always the one that is ended
    await request.query('SELECT FROM sessions')
    const migrated = migrate(fresh.url)
    const waiting = `SELECT FROM pg_locks JOIN pg_class ON pg_class.oid = relation
      WHERE relname = 'sessions' AND mode = 'AccessExclusiveLock' AND NOT granted`
    await Promise.race([migrated, until(async () => (await dataSource.query(waiting)).length > 0)])
    await request.query('SELECT FROM users')
    await request.commitTransaction()
    await migrated
    expect(await dataSource.showMigrations()).toBe(false)
  } finally {
    await request.release()
    await dataSource.destroy()
    await fresh.drop()
  }
})

it('has entities that match the migrations', async () => {
  const dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize()
  try {
    await migrate(database.url)
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log()
    // Only the migrations declare checks, storage parameters and partial indexes.
    const drift = upQueries.map(({ query }) => query).filter((query) => !/CONSTRAINT|INDEX/.test(query))
    expect(drift).toEqual([])
  } finally {
    await dataSource.destroy()
  }
})

it('S15: reads what refuses a token, an event and a page of events in one statement each', async () => {
  const statements: string[] = []
  const logger = { logQuery: (statement: string) => statements.push(statement) } as unknown as Logger
  const dataSource = await createDataSource({ url: database.url, poolSize: 2, logger }).initialize()
  try {
    statements.length = 0 // TypeORM asks for the version of Postgres first
    const id = randomUUID()
    await createSessionStore(dataSource).refusalOf({ sessionId: id, userVersion: 1 })
    await createSecurityEventStore(dataSource).find('1')
    await createSecurityEventStore(dataSource).list(id, { first: 10, after: null })
    expect(statements).toHaveLength(3)
  } finally {
    await dataSource.destroy()
  }
})

it('S24: reports a transaction rolled back by a deadlock as SERVICE_UNAVAILABLE', async () => {
  const dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize()
  const rivals = [dataSource.createQueryRunner(), dataSource.createQueryRunner()]
  try {
    for (const [number, rival] of rivals.entries()) {
      await rival.startTransaction()
      await rival.query(`SET LOCAL deadlock_timeout = '10ms'`)
      await rival.query('SELECT pg_advisory_xact_lock($1)', [number])
    }
    const { cross } = translatingErrors({
      async cross(rival: QueryRunner, number: number) {
        await rival.query('SELECT pg_advisory_xact_lock($1)', [1 - number])
        await rival.commitTransaction()
      },
    })
    const crossed = rivals.map((rival, number) =>
      cross(rival, number).catch(async (error: unknown) => {
        await rival.rollbackTransaction()
        return error
      }),
    )
    const failures = (await Promise.all(crossed)).filter((failure) => failure !== undefined)
    expect(failures).toEqual([expect.any(ServiceUnavailableError)])
  } finally {
    for (const rival of rivals) await rival.release()
    await dataSource.destroy()
  }
})

it.each([
  ['between two statements', (transaction: EntityManager) => transaction.query('SELECT 2')],
  ['before its COMMIT', async () => {}],
])('S24: reports a transaction whose connection is cut %s as SERVICE_UNAVAILABLE', async (_when, goOn) => {
  const dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize()
  try {
    const { work } = translatingErrors({
      work: () =>
        dataSource.transaction(async (transaction) => {
          const [{ pid }] = await transaction.query('SELECT pg_backend_pid() AS pid')
          await dataSource.query('SELECT pg_terminate_backend($1)', [pid])
          while (transaction.queryRunner?.isReleased === false) await sleep(5) // until the driver notices
          await goOn(transaction)
        }),
    })
    await expect(work()).rejects.toThrow(ServiceUnavailableError)
  } finally {
    await dataSource.destroy()
  }
})
