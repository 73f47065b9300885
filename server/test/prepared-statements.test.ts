import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { DataSource } from 'typeorm'
import { createDataSource, onNamesRefused, poolStats } from '../src/db/data-source.ts'
import { migrate } from '../src/db/migrate.ts'
import { type Prepared, prepared, run } from '../src/db/statements/prepared.ts'
import { findUserStatement } from '../src/db/statements/reads/read-users.ts'
import { createUserStore } from '../src/db/user-store.ts'
import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { somebody } from './support/people.ts'
import { startTestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await migrate(database.url)
})
afterAll(() => database.drop())

/** Gives `work` a pool with a single connection, so that each statement runs on the same one. */
async function withConnection(work: (dataSource: DataSource) => Promise<void>, preparedStatements = true) {
  const dataSource = createDataSource({ url: database.url, poolSize: 1, preparedStatements })
  await dataSource.initialize()
  try {
    await work(dataSource)
  } finally {
    await dataSource.destroy()
  }
}

const namesOf = async (dataSource: DataSource): Promise<string[]> =>
  (await dataSource.query('SELECT name FROM pg_prepared_statements')).map(({ name }: { name: string }) => name)

const processOf = async (dataSource: DataSource): Promise<number> =>
  (await dataSource.query('SELECT pg_backend_pid() AS pid'))[0].pid

async function createUser(dataSource: DataSource) {
  const { username, email } = somebody()
  return createUserStore(dataSource).create({ username, email, passwordHash: 'not a hash', role: 'USER' })
}

const find = async (dataSource: DataSource, id: string) => (await run(dataSource.manager, findUserStatement, [id]))[0]

it('prepares a statement once per connection, and again after the connection was cut', async () => {
  await withConnection(async (dataSource) => {
    const user = await createUser(dataSource)
    for (let i = 0; i < 3; i += 1) expect(await find(dataSource, user.id)).toEqual(user)
    expect(await namesOf(dataSource)).toEqual([findUserStatement.name])

    const killer = await createDataSource({ url: database.url, poolSize: 1 }).initialize()
    await killer.query('SELECT pg_terminate_backend($1)', [await processOf(dataSource)])
    await killer.destroy()
    await until(async () => poolStats(dataSource).idle === 0)
    for (let i = 0; i < 3; i += 1) expect(await find(dataSource, user.id)).toEqual(user)
    expect(await namesOf(dataSource)).toEqual([findUserStatement.name])
  })
})

it('names no statement in a transaction, nor when DATABASE_PREPARED_STATEMENTS is false', async () => {
  const user = await withoutNames()
  await withConnection(async (dataSource) => {
    await dataSource.transaction(async (transaction) => {
      expect(await run(transaction, findUserStatement, [user.id])).toEqual([user])
    })
    expect(await namesOf(dataSource)).toEqual([])
  })

  async function withoutNames() {
    let user: Awaited<ReturnType<typeof createUser>> | undefined
    await withConnection(async (dataSource) => {
      user = await createUser(dataSource)
      expect(await find(dataSource, user.id)).toEqual(user)
      expect(await namesOf(dataSource)).toEqual([])
    }, false)
    if (user === undefined) throw new Error('No user was created.')
    return user
  }
})

it('S24: runs a statement again whose result has another type since a migration, on a new connection', async () => {
  await withConnection(async (dataSource) => {
    await dataSource.query('CREATE TABLE IF NOT EXISTS changing (id integer); INSERT INTO changing VALUES (1)')
    const statement = prepared<{ id: number | string }>('changing', 'SELECT id FROM changing')
    expect(await run(dataSource.manager, statement, [])).toEqual([{ id: 1 }])
    const before = await processOf(dataSource)
    await dataSource.query('ALTER TABLE changing ALTER COLUMN id TYPE bigint')
    expect(await run(dataSource.manager, statement, [])).toEqual([{ id: '1' }])
    expect(await processOf(dataSource)).not.toBe(before)
    expect(await run(dataSource.manager, statement, [])).toEqual([{ id: '1' }])
    expect(await namesOf(dataSource)).toEqual([statement.name])
  })
})

// As a transaction pooler does: it passes the connection on to another client.
const strangers: Record<string, (dataSource: DataSource, statement: Prepared<unknown>) => Promise<unknown>> = {
  'does not have (26000)': async (dataSource, { text, name }) => {
    await run(dataSource.manager, { text, name }, [randomUUID()])
    await dataSource.query('DEALLOCATE ALL')
  },
  'has already (42P05)': (dataSource, { name }) => dataSource.query(`PREPARE "${name}" AS SELECT 1`),
}

it.each(Object.entries(strangers))(
  'S24: runs a statement without its name on a connection that %s it, and reports it once',
  async (_what, pretend) => {
    await withConnection(async (dataSource) => {
      const errors: unknown[] = []
      onNamesRefused(dataSource, (error) => errors.push(error))
      const user = await createUser(dataSource)
      await pretend(dataSource, findUserStatement)
      for (let i = 0; i < 3; i += 1) expect(await find(dataSource, user.id)).toEqual(user)
      expect(errors).toHaveLength(1)
      await dataSource.query('DEALLOCATE ALL')
      await find(dataSource, user.id)
      expect(await namesOf(dataSource)).toEqual([])
    })
  },
)

it('S5, S24: tells the operator about DATABASE_PREPARED_STATEMENTS, and answers nevertheless', async () => {
  const server = await startTestServer()
  try {
    let { refreshToken } = await server.client().register(somebody())
    const warnings = () => server.logLines.filter((line) => line.includes('DATABASE_PREPARED_STATEMENTS=false'))
    await until(async () => {
      ;({ refreshToken } = await server.client().refresh(refreshToken))
      await server.dataSource.query('DEALLOCATE ALL')
      return warnings().length > 0
    })
    await server.client().refresh(refreshToken)
    expect(warnings()).toHaveLength(1)
  } finally {
    await server.stop()
  }
})
