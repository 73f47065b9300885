import { afterEach, describe, expect, it } from '@jest/globals'
import { createTestDatabase } from './support/database.ts'
import { startPooler } from './support/faults/pooler.ts'
import { credentials, somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { createTestClock } from './support/test-clock.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop()
})

/** Starts a server on a database that presets something for each new connection. */
async function startWith(
  presets: Record<string, string>,
  { throughPooler }: { throughPooler: boolean },
): Promise<TestServer> {
  const database = await createTestDatabase()
  const clock = await createTestClock(database.url)
  stops.push(async () => {
    await clock.close()
    await database.drop()
  })
  for (const [name, value] of Object.entries(presets)) await database.preset(name, value)
  const pooler = throughPooler ? await startPooler(database.url) : undefined
  if (pooler !== undefined) stops.push(pooler.close)
  const beside = { clock, database: { ...database, url: pooler?.url ?? database.url } } as TestServer
  const server = await startTestServer({ RATE_LIMIT_REFRESH_PER_SESSION: '0' }, { beside, listenUrl: database.url })
  stops.push(server.stop)
  return server
}

const isolation = (level: string) => ({ default_transaction_isolation: level })
const date = { datestyle: 'German, DMY', intervalstyle: 'sql_standard', timezone: 'Asia/Kathmandu' }
const output = { bytea_output: 'escape', extra_float_digits: '-15' }
const timeouts = { statement_timeout: '1ms', lock_timeout: '1ms', idle_in_transaction_session_timeout: '1ms' }

describe.each([
  ['dates in another style and time zone', date, false],
  ['dates in another style and time zone, through a pooler', date, true],
  ['imprecise numbers and escaped bytes', output, false],
  ['tiny timeouts', timeouts, false],
  ['repeatable reads', isolation('repeatable read'), false],
  ['repeatable reads, through a pooler', isolation('repeatable read'), true],
  ['serializable transactions, through a pooler', isolation('serializable'), true],
])('S24: a database that presets %s', (_what, presets, throughPooler) => {
  it('S5, S7, S14: answers simultaneous refreshes, and ends other sessions as usual', async () => {
    const server = await startWith(presets, { throughPooler })
    const person = somebody()
    const client = server.client()
    const { accessToken, refreshToken } = await client.register(person)
    const refreshes = Array.from({ length: 24 }, () => client.send(operations.refreshToken, { refreshToken }))
    const answers = await Promise.all(refreshes)
    expect(answers.map(refusal)).toEqual(answers.map(() => undefined))
    expect(new Set(answers.map(({ body }) => body.data?.refreshToken.refreshToken)).size).toBe(1)

    const others = await Promise.all(Array.from({ length: 4 }, () => server.client().login(credentials(person))))
    const revoke = 'mutation { revokeOtherSessions }'
    expect((await client.send(revoke, {}, accessToken)).body.data).toEqual({ revokeOtherSessions: 4 })
    for (const other of others) {
      expect(refusal(await server.client().me(other.accessToken))).toMatchObject({ reason: 'SESSION_REVOKED' })
    }
  })
})

it('S14: ends a session opened by an overlapping sign-in with the old password, whatever isolation is preset', async () => {
  const server = await startWith(isolation('repeatable read'), { throughPooler: true })
  const person = somebody()
  const { accessToken } = await server.client().register(person)
  const holder = server.dataSource.createQueryRunner()
  await holder.startTransaction('READ COMMITTED')
  try {
    const waiting = async (count: number) => {
      const rows = await server.dataSource.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      )
      return rows.length === count
    }
    await holder.query('LOCK TABLE security_events') // the last table that a sign-in writes
    const signIn = server.client().login(credentials(person))
    await until(() => waiting(1))
    const change = `mutation { changePassword(currentPassword: "${person.password}", newPassword: "another long password") }`
    const changed = server.client().send(change, {}, accessToken)
    await until(() => waiting(2))
    await holder.commitTransaction()
    const signedIn = await signIn
    expect(refusal(await changed)).toBeUndefined()
    const [row] = await server.dataSource.query('SELECT revoked_reason AS reason FROM sessions WHERE id = $1', [
      signedIn.session.id,
    ])
    expect(row).toEqual({ reason: 'PASSWORD_CHANGED' })
  } finally {
    await holder.release()
  }
})

it('S24: names the settings that are not in effect, and the statements that fix them', async () => {
  const server = await startWith({ ...date, ...isolation('serializable') }, { throughPooler: true })
  const warnings = server.logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40)
  const fixes = warnings.map(({ fixedBy }) => fixedBy)
  const database = new URL(server.database.url).pathname.slice(1)
  expect(fixes).toContain(
    `ALTER ROLE postgres IN DATABASE ${database} SET default_transaction_isolation = 'read committed'`,
  )
  expect(fixes.some((statement) => statement.includes('datestyle'))).toBe(false) // kept per client by poolers
  for (const statement of fixes) await server.dataSource.query(statement)
  const next = await startTestServer({}, { beside: server, listenUrl: server.database.url })
  stops.push(next.stop)
  expect(next.logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40)).toEqual([])
})
