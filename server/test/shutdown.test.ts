import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { somebody } from './support/people.ts'
import { endAllServerProcesses, type ServerProcess, startServerProcess } from './support/processes/server-process.ts'
import { createTestClient, type Tokens } from './support/test-client.ts'

/** A server in a process of its own, with a signed-in user. */
interface Running {
  process: ServerProcess
  url: string
  tokens: Tokens
  database: TestDatabase
}

async function start(env: Record<string, string>): Promise<Running> {
  const database = await createTestDatabase()
  const secret = (kind: string) => `k1:${kind}-5Jw2kq8Zt1Yx7Rb4Nc9Vm3Lp6Hd0Fs`
  const server = startServerProcess({
    DATABASE_URL: database.url,
    ACCESS_TOKEN_SECRETS: secret('access'),
    REFRESH_TOKEN_SECRETS: secret('refresh'),
    ACCESS_TOKEN_TTL: '1h', // The last test still uses the token, however long the others take.
    ...env,
  })
  const url = await server.ready
  return { process: server, url, tokens: await createTestClient(url).register(somebody()), database }
}

/** Starts a request that waits for a lock until the test releases it; `status` is 0 when the request is aborted. */
async function hang({
  url,
  tokens,
  database,
}: Running): Promise<{ status: Promise<number>; release(): Promise<void> }> {
  const holder = new pg.Client({ connectionString: database.url })
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE users')
  const answer = createTestClient(url).me(tokens.accessToken)
  const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
  while ((await holder.query(waiting)).rows.length === 0) await sleep(10)
  return {
    status: answer.then(
      ({ status }) => status,
      () => 0,
    ),
    release: () => holder.end(),
  }
}

let draining: Running
let impatient: Running
let hanging: Running
beforeAll(async () => {
  ;[draining, impatient, hanging] = (await Promise.all([
    start({ NODE_ENV: 'production', PASSWORD_COST: '10', SHUTDOWN_GRACE: '16s' }),
    start({ SHUTDOWN_GRACE: '5m' }),
    start({ SHUTDOWN_GRACE: '1s' }),
  ])) as [Running, Running, Running]
})
afterAll(async () => {
  endAllServerProcesses()
  for (const { database } of [draining, impatient, hanging]) await database.drop()
})

it('reports that it is not ready, finishes pending requests, flushes memory and exits with 0', async () => {
  const { url, database, tokens } = draining
  const seen = async (path: string) => fetch(`${url}${path}`, { headers: { connection: 'keep-alive' } })
  expect((await seen('/readyz')).status).toBe(200)
  const request = await hang(draining)
  const unused = connect(Number(new URL(url).port), '127.0.0.1') // a spare connection, as browsers open them
  await once(unused, 'connect')
  const ended = draining.process.end('SIGTERM')
  process.kill(draining.process.pid, 'SIGTERM') // the same signal again, as npm sends it
  while ((await seen('/readyz')).status !== 503) await sleep(10)
  // Load balancers that have not checked yet still send requests.
  const health = await seen('/healthz')
  expect(health.status).toBe(200)
  expect(health.headers.get('connection')).toBe('close')

  await request.release()
  expect(await request.status).toBe(200)
  expect(await ended).toBe(0)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query('SELECT last_seen_at > created_at AS used FROM sessions WHERE id = $1', [
    tokens.session.id,
  ])
  const open = await client.query(`SELECT FROM pg_stat_activity WHERE application_name LIKE 'silent-refresh%'
    AND datname = current_database()`)
  await client.end()
  expect(rows).toEqual([{ used: true }])
  expect(open.rows).toEqual([])
})

it('exits with 1 immediately on a second signal', async () => {
  const request = await hang(impatient)
  let isOver = false
  const ended = impatient.process.end('SIGINT').finally(() => {
    isOver = true
  })
  while (!isOver) {
    await sleep(100)
    impatient.process.end('SIGINT').catch(() => {})
  }
  expect(await ended).toBe(1)
  expect(await request.status).toBe(0)
  await request.release()
})

it('aborts requests that exceed SHUTDOWN_GRACE and exits with 1', async () => {
  const request = await hang(hanging)
  expect(await hanging.process.end('SIGTERM')).toBe(1)
  expect(await request.status).toBe(0)
  await request.release()
})
