import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { createReadiness } from '../src/db/connections/readiness.ts'
import { isSameServer, readServerIdentity } from '../src/db/connections/server-identity.ts'
import { findWrongSettings } from '../src/db/connections/session-settings.ts'
import { createDataSource } from '../src/db/data-source.ts'
import { somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

let owner: TestServer
let admin: pg.Client
let name: string
beforeAll(async () => {
  owner = await startTestServer()
  name = new URL(owner.database.url).pathname.slice(1)
  admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL })
  await admin.connect()
})
afterAll(async () => {
  await owner.stop()
  await admin.query(`DROP ROLE IF EXISTS ${name}`)
  await admin.end()
})

const ready = async ({ url }: TestServer) => (await fetch(`${url}/readyz`)).status
/** While it is not, an instance is not ready for another reason. */
const feedIsCurrent = async ({ url }: TestServer) =>
  (await (await fetch(`${url}/metrics`)).text()).includes('\nsilent_refresh_revocation_feed_current 1\n')
const terminateAll = () =>
  admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])

let stopTraffic = async () => {}
afterEach(() => stopTraffic())

/** Refreshes all the time on several connections, so that none of them becomes idle, and counts the answers by code. */
async function refreshAllTheTime(server: TestServer) {
  const counts: Record<string, number> = {}
  let isOver = false
  const users = Array.from({ length: 5 }, async () => {
    let { refreshToken } = await owner.client().register(somebody())
    return async () => {
      while (!isOver) {
        const answer = await server.client().send(operations.refreshToken, { refreshToken })
        const code = String(refusal(answer)?.code ?? 'OK')
        counts[code] = (counts[code] ?? 0) + 1
        refreshToken = answer.body.data?.refreshToken?.refreshToken ?? refreshToken
      }
    }
  })
  const running = (await Promise.all(users)).map((refresh) => refresh())
  stopTraffic = async () => {
    isOver = true
    await Promise.all(running)
  }
  return {
    counts,
    /** Waits for this many more answers with a code. */
    more(code: string, count: number): Promise<void> {
      const from = counts[code] ?? 0
      return until(() => (counts[code] ?? 0) >= from + count)
    },
  }
}

describe('S24: the database is read-only for a while', () => {
  it('S24: answers SERVICE_UNAVAILABLE, is not ready, and recovers without new connections being forced', async () => {
    const traffic = await refreshAllTheTime(owner)
    await traffic.more('OK', 10)
    await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
    await terminateAll()
    await traffic.more('SERVICE_UNAVAILABLE', 30)
    await until(() => feedIsCurrent(owner))
    expect(await ready(owner)).toBe(503)

    await admin.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`)
    await until(async () => (await ready(owner)) === 200)
    await traffic.more('OK', 30)
    expect(Object.keys(traffic.counts).sort()).toEqual(['OK', 'SERVICE_UNAVAILABLE'])
  })
})

describe('S24: the role of the server loses its rights', () => {
  const password = 'only-tests-know-it'
  let limited: TestServer
  beforeAll(async () => {
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`)
    await owner.dataSource.query(`GRANT ALL ON ALL TABLES IN SCHEMA public, test_clock TO ${name}`)
    await owner.dataSource.query(`GRANT USAGE ON SCHEMA test_clock TO ${name}`)
    const url = new URL(owner.database.url)
    Object.assign(url, { username: name, password })
    limited = await startTestServer({}, { beside: { ...owner, database: { ...owner.database, url: url.href } } })
  })
  afterAll(async () => {
    await limited.stop()
    await owner.dataSource.query(`DROP OWNED BY ${name}`)
  })

  it.each([
    ['may not write', 'REVOKE UPDATE ON sessions FROM $', 'GRANT UPDATE ON sessions TO $'],
    ['may not connect', 'ALTER ROLE $ NOLOGIN', 'ALTER ROLE $ LOGIN'],
    ['is read-only', 'ALTER ROLE $ SET default_transaction_read_only = on', 'ALTER ROLE $ RESET ALL'],
  ])('S24: answers SERVICE_UNAVAILABLE and is not ready while it %s, and recovers', async (_what, take, give) => {
    const run = (statement: string) => owner.dataSource.query(statement.replace('$', name))
    const traffic = await refreshAllTheTime(limited)
    await traffic.more('OK', 10)
    await run(take)
    await run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${name}'`)
    await traffic.more('SERVICE_UNAVAILABLE', 10)
    expect(await ready(limited)).toBe(503)

    await run(give)
    await until(async () => (await ready(limited)) === 200)
    await traffic.more('OK', 30)
    expect(Object.keys(traffic.counts).sort()).toEqual(['OK', 'SERVICE_UNAVAILABLE'])
  })
})

it('S15: tells servers and databases apart, with and without the right to read the identity of the system', async () => {
  const query = async (statement: string) => (await admin.query(statement)).rows
  const one = await readServerIdentity(query)
  expect(one).toEqual({
    systemIdentifier: expect.stringMatching(/^\d+$/),
    database: new URL(process.env.TEST_DATABASE_URL ?? '').pathname.slice(1),
    startedAt: expect.stringMatching(/^\d+\.\d+$/),
  })
  await admin.query('BEGIN')
  await admin.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC')
  await admin.query(`CREATE ROLE "${name}-2"`)
  await admin.query(`SET LOCAL ROLE "${name}-2"`)
  const limited = await readServerIdentity(query)
  await admin.query('ROLLBACK')
  expect(limited).toEqual({ ...one, systemIdentifier: null })
  expect(isSameServer(one, limited)).toBe(true)
  expect(isSameServer(one, { ...one, startedAt: '0' })).toBe(false)
  expect(isSameServer(one, { ...one, database: 'another' })).toBe(false)
  expect(isSameServer(one, { ...one, systemIdentifier: '0' })).toBe(false)
})

it('S15: is not ready while the pool leads to another server than the revocation feed, and closes those connections', async () => {
  const dataSource = await createDataSource({ url: owner.database.url, poolSize: 2 }).initialize()
  try {
    const here = await readServerIdentity((statement) => dataSource.query(statement))
    const pids = async () => (await dataSource.query('SELECT pg_backend_pid() AS pid'))[0].pid
    const before = await pids()
    expect(await createReadiness(dataSource, () => here)()).toBe(true)
    expect(await pids()).toBe(before)
    expect(await createReadiness(dataSource, () => ({ ...here, startedAt: '0' }))()).toBe(false)
    expect(await pids()).not.toBe(before)
  } finally {
    await dataSource.destroy()
  }
})

it('S15: is not ready where triggers are off, and names the setting', async () => {
  await owner.database.preset('session_replication_role', 'replica')
  const dataSource = await createDataSource({ url: owner.database.url, poolSize: 2 }).initialize()
  try {
    expect(await findWrongSettings(dataSource)).toMatchObject([
      { setting: 'session_replication_role', value: 'replica', fixedBy: expect.stringContaining("= 'origin'") },
    ])
    const isReady = createReadiness(dataSource, () => null)
    expect(await isReady()).toBe(false)
    await owner.database.preset('session_replication_role', 'origin')
    expect(await isReady()).toBe(true)
  } finally {
    await dataSource.destroy()
  }
})
