import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { operations } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer({ RATE_LIMIT_REFRESH_PER_SESSION: '3', RATE_LIMIT_LOGIN_PER_ACCOUNT: '3' })
  other = await startTestServer({}, { beside: server })
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})

/** The values of our own metrics by name and labels, without the prefix. */
async function read(instance = server): Promise<Map<string, number>> {
  const text = await (await fetch(`${instance.url}/metrics`)).text()
  const lines = text.matchAll(/^silent_refresh_(\S+) (\S+)$/gm)
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]))
}

let before: Map<string, number>
beforeEach(async () => {
  before = await read()
})

/** The counters of this kind that have increased since the test began. */
async function risen(kind: string, instance = server): Promise<Record<string, number>> {
  const now = await read(instance)
  const changes = [...now].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const)
  return Object.fromEntries(changes.filter(([name, change]) => name.startsWith(`${kind}{`) && change !== 0))
}

const refresh = (refreshToken: string | null) => server.client().send(operations.refreshToken, { refreshToken })
const signIn = (email: string, password: string) =>
  server.client().send(operations.login, { input: { email, password } })

it('counts refreshes by outcome', async () => {
  const person = somebody()
  const first = await server.client().register(person)
  const second = await server.client().refresh(first.refreshToken)
  await refresh(first.refreshToken)
  const third = await server.client().refresh(second.refreshToken)
  await refresh(third.refreshToken) // the fourth within the minute
  await server.dataSource.query('UPDATE sessions SET generation = 1 WHERE id = $1', [first.session.id])
  await refresh(third.refreshToken)
  await server.dataSource.query('UPDATE sessions SET generation = 9 WHERE id = $1', [first.session.id])
  await refresh(third.refreshToken)
  await refresh(third.refreshToken)
  await refresh(`${third.refreshToken}x`)
  await server.client({ cookie: 'refresh-token=of.another.server' }).send(operations.refreshToken)
  const gone = await server.client().register(somebody())
  await server.dataSource.query('DELETE FROM sessions WHERE id = $1', [gone.session.id])
  await refresh(gone.refreshToken)
  await server.dataSource.query('ALTER TABLE sessions RENAME TO sessions_away')
  await refresh(third.refreshToken)
  await server.dataSource.query('ALTER TABLE sessions_away RENAME TO sessions')
  await server.clock.advance({ days: 8 })
  await refresh(third.refreshToken)

  expect(await risen('refreshes_total')).toEqual({
    'refreshes_total{outcome="rotated"}': 2,
    'refreshes_total{outcome="repeated"}': 1,
    'refreshes_total{outcome="limited"}': 1,
    'refreshes_total{outcome="ahead"}': 1,
    'refreshes_total{outcome="reused"}': 1,
    'refreshes_total{outcome="revoked"}': 1,
    'refreshes_total{outcome="invalid"}': 1,
    'refreshes_total{outcome="foreign"}': 1,
    'refreshes_total{outcome="unknown"}': 1,
    'refreshes_total{outcome="failed"}': 1,
    'refreshes_total{outcome="expired"}': 1,
  })
})

it('counts sign-ups, sign-ins and rate-limited attempts', async () => {
  const person = somebody()
  await server.client().register(person)
  await server.client().send(operations.register, { input: person })
  await signIn(person.email, person.password)
  await signIn(person.email, 'wrong')
  await signIn(person.email, 'wrong')
  for (let i = 0; i < 4; i++) await signIn(person.email, person.password)

  expect(await risen('sign_ups_total')).toEqual({
    'sign_ups_total{result="OK"}': 1,
    'sign_ups_total{result="CONFLICT"}': 1,
  })
  expect(await risen('sign_ins_total')).toEqual({
    'sign_ins_total{result="OK"}': 1,
    'sign_ins_total{result="INVALID_CREDENTIALS"}': 2,
    'sign_ins_total{result="RATE_LIMITED"}': 4,
  })
  const limited = (await read()).get('attempts_limited_total') ?? 0
  expect(limited - (before.get('attempts_limited_total') ?? 0)).toBe(4)
})

it('counts ended sessions on every instance, and measures the notification lag', async () => {
  const tokens = await server.client().register(somebody())
  const byHand = await server.client().register(somebody())
  const lagBefore = (await read(other)).get('revocation_lag_seconds_count') ?? 0
  const endsBefore = await read(other)
  await server.client().logout(tokens.accessToken)
  await server.dataSource.query(
    `UPDATE sessions SET revoked_at = now(), revoked_reason = 'a "word" of mine' WHERE id = $1`,
    [byHand.session.id],
  )
  await server.dataSource.query(`NOTIFY silent_refresh, 'no JSON'`)
  const lag = async () => ((await read(other)).get('revocation_lag_seconds_count') ?? 0) - lagBefore
  await until(async () => (await lag()) >= 2)
  expect(await lag()).toBe(2)
  const ends = await read(other)
  for (const reason of ['SIGNED_OUT', 'OTHER']) {
    const name = `sessions_ended_total{reason="${reason}"}`
    expect(ends.get(name)).toBe((endsBefore.get(name) ?? 0) + 1)
  }
  expect(ends.get('revocation_lag_seconds_sum')).toBeLessThan(60)
  expect(ends.get('revocation_list_size')).toBeGreaterThanOrEqual(2)
})

it('reports the state of the feed, the pool and the event loop', async () => {
  const now = await read()
  expect(now.get('revocation_feed_current')).toBe(1)
  expect(now.get('database_pool{state="waiting"}')).toBe(0)
  expect((now.get('database_pool{state="busy"}') ?? 0) + (now.get('database_pool{state="idle"}') ?? 0)).toBeGreaterThan(
    0,
  )
  const answer = await fetch(`${server.url}/metrics`)
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(await answer.text()).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m)

  // The feed cannot catch up while its table is locked, so it stays lost until the test releases the lock.
  const holder = server.dataSource.createQueryRunner()
  await holder.startTransaction()
  await holder.query('LOCK TABLE sessions')
  await server.database.cutFeeds()
  await until(async () => (await read()).get('revocation_feed_current') === 0)
  await holder.rollbackTransaction()
  await holder.release()
  await until(async () => (await read()).get('revocation_feed_current') === 1)
})

it('measures requests by route and status, without separate series for unknown paths', async () => {
  await server.client().me()
  for (let n = 0; n < 20; n++) await fetch(`${server.url}/nothing/at/${n}`)
  await until(async () => (await risen('http_request_duration_seconds_count'))[notFound] === 20)
  const requests = await risen('http_request_duration_seconds_count')
  expect(requests['http_request_duration_seconds_count{method="POST",route="/graphql",status="401"}']).toBe(1)
  expect(Object.keys(requests).filter((name) => name.includes('nothing'))).toEqual([])
})
const notFound = 'http_request_duration_seconds_count{method="GET",route="pages",status="404"}'

it('measures a request whose client disconnects before the answer, with the status 499', async () => {
  // The answer needs the table of users, so it waits for this lock.
  const holder = server.dataSource.createQueryRunner()
  await holder.startTransaction()
  await holder.query('LOCK TABLE users')
  const { email, password } = somebody()
  const body = JSON.stringify({ query: operations.login, variables: { input: { email, password } } })
  const arrived = once(server.app.fastify.server, 'request')
  const gone = new AbortController()
  const answer = fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...{ body, signal: gone.signal },
  })
  await arrived
  gone.abort()
  await expect(answer).rejects.toThrow()
  const aborted = 'http_request_duration_seconds_count{method="POST",route="/graphql",status="499"}'
  await until(async () => (await risen('http_request_duration_seconds_count'))[aborted] === 1)
  await holder.rollbackTransaction()
  await holder.release()
  const ends = server.logLines.map((line) => JSON.parse(line)).filter(({ res }) => res?.statusCode === 499)
  expect(ends).toMatchObject([
    {
      msg: 'request aborted',
      req: { method: 'POST', path: '/graphql', remoteAddress: '127.0.0.1' },
      responseTime: expect.any(Number),
    },
  ])
})

it('counts refused operations and internal errors by code', async () => {
  await server.client().me()
  await server.dataSource.query('ALTER TABLE users RENAME TO users_away')
  await signIn(somebody().email, 'wrong')
  await server.dataSource.query('ALTER TABLE users_away RENAME TO users')
  expect(await risen('errors_total')).toEqual({
    'errors_total{code="UNAUTHENTICATED"}': 1,
    'errors_total{code="INTERNAL_SERVER_ERROR"}': 1,
  })
})

it('exports every metric that docs/operations.md uses, and documents each of its own there', async () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const asked = new Set(docs.match(/\b(silent_refresh|nodejs)_[a-z0-9_]+[a-z0-9](?=[{[ )])/g))
  expect(asked.size).toBeGreaterThan(5)
  expect([...asked].filter((name) => !new RegExp(`^${name}[ {]`, 'm').test(text))).toEqual([])
  const ours = [...text.matchAll(/^# TYPE silent_refresh_(\S+)/gm)].map(([, name]) => name ?? '')
  expect(ours.length).toBeGreaterThan(10)
  expect(ours.filter((name) => !docs.includes(`\`${name}`))).toEqual([])
})
