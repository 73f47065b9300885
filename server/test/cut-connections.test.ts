import { afterAll, expect, it } from '@jest/globals'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { somebody } from './support/people.ts'
import { instanceEnv } from './support/processes/instances.ts'
import { endAllServerProcesses, startServerProcess } from './support/processes/server-process.ts'
import { createTestClient, operations, refusal } from './support/test-client.ts'
import { until } from './support/until.ts'

const ROUNDS = 15
const USERS = 8

let database: TestDatabase
afterAll(async () => {
  endAllServerProcesses()
  await database.drop()
})

it('S24: keeps running and signs nobody out while every connection to Postgres is terminated again and again', async () => {
  database = await createTestDatabase()
  const server = startServerProcess(instanceEnv(database.url, { REFRESH_GRACE_PERIOD: '5m' }))
  const url = await server.ready
  const answers: string[] = []
  let isOver = false

  async function useAllTheTime(): Promise<void> {
    const client = createTestClient(url)
    let { accessToken, refreshToken } = await client.register(somebody())
    started += 1
    while (!isOver) {
      const me = await client.me(accessToken)
      const refreshed = await client.send(operations.refreshToken, { refreshToken })
      for (const answer of [me, refreshed]) answers.push(String(refusal(answer)?.code ?? 'OK'))
      ;({ accessToken, refreshToken } = refreshed.body.data?.refreshToken ?? { accessToken, refreshToken })
    }
    await client.refresh(refreshToken)
  }

  let started = 0
  const users = Promise.all(Array.from({ length: USERS }, useAllTheTime))
  const died = server.exited.then((code) => {
    throw new Error(`The server ended with ${code}:\n${server.output()}`)
  })
  died.catch(() => {})
  const admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL })
  await admin.connect()
  try {
    await Promise.race([users, died, until(() => started === USERS)])
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = answers.length
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
        new URL(database.url).pathname.slice(1),
      ])
      await Promise.race([users, died, until(() => answers.length >= from + USERS)])
    }
    isOver = true
    await Promise.race([users, died])
  } finally {
    isOver = true
    await admin.end()
  }
  expect([...new Set(answers)].sort()).toEqual(['OK', 'SERVICE_UNAVAILABLE'])
  expect(await server.end('SIGTERM')).toBe(0)
})
