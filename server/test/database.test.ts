import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createDataSource } from '../src/db/data-source.ts'
import { migrate } from '../src/db/migrate.ts'
import { createTestDatabase } from './support/database.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

it('migrates once when several instances start at the same moment', async () => {
  const instances = await Promise.all(
    [1, 2, 3].map(() => createDataSource({ url: database.url, poolSize: 2 }).initialize()),
  )
  try {
    await Promise.all(instances.map((instance) => migrate(instance)))
    const [{ count }] = (await instances[0]?.query('SELECT count(*)::int FROM migrations')) ?? []
    expect(count).toBe(instances[0]?.migrations.length)
  } finally {
    await Promise.all(instances.map((instance) => instance.destroy()))
  }
})

it('has entities that say what the migrations made', async () => {
  const dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize()
  try {
    await migrate(dataSource)
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log()
    // Entities name no checks, storage parameters and partial indexes: those stand in the migrations alone.
    const drift = upQueries.map(({ query }) => query).filter((query) => !/CONSTRAINT|INDEX/.test(query))
    expect(drift).toEqual([])
  } finally {
    await dataSource.destroy()
  }
})
