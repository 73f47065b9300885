import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { somebody } from './support/people.ts'
import { type MortalPostgres, startMortalPostgres } from './support/processes/mortal-postgres.ts'
import { type Answer, operations, refusal, type TestClient, type Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

// A Postgres for this file alone, so that other tests are not affected. It allows few connections.
let postgres: MortalPostgres
let server: TestServer
beforeAll(async () => {
  postgres = await startMortalPostgres({ max_connections: '25', fsync: 'off' })
  process.env.TEST_DATABASE_URL = postgres.url
  // Longer than any outage here: the client retries an answer lost in the outage after it (S7).
  server = await startTestServer({ REFRESH_GRACE_PERIOD: '5m', RATE_LIMIT_REFRESH_PER_SESSION: '0' })
})
afterAll(async () => {
  await server.stop()
  await postgres.remove()
})

const unavailable = { code: 'SERVICE_UNAVAILABLE' }
const ready = async () => (await fetch(`${server.url}/readyz`)).status
const refresh = (refreshToken: string | null) => server.client().send(operations.refreshToken, { refreshToken })

/** Simulates a user who uses the app all the time, and records each answer: `OK` or a code. */
function useAllTheTime(client: TestClient, { accessToken, refreshToken }: Tokens) {
  const answers: { name: string; answer: string; status: number }[] = []
  let isStopped = false
  const running = (async () => {
    while (!isStopped) {
      const me = await client.me(accessToken)
      answers.push({ name: 'me', answer: String(refusal(me)?.code ?? 'OK'), status: me.status })
      const refreshed = await refresh(refreshToken)
      answers.push({ name: 'refresh', answer: String(refusal(refreshed)?.code ?? 'OK'), status: refreshed.status })
      refreshToken = refreshed.body.data?.refreshToken?.refreshToken ?? refreshToken
      accessToken = refreshed.body.data?.refreshToken?.accessToken ?? accessToken
    }
  })()
  return {
    answers,
    count: (name: string, answer: string) => answers.filter((one) => one.name === name && one.answer === answer).length,
    async stop(): Promise<Tokens> {
      isStopped = true
      await running
      return server.client().refresh(refreshToken)
    },
  }
}

describe('S24: Postgres is stopped immediately and restarted', () => {
  it('S24: answers SERVICE_UNAVAILABLE, signs nobody out, and recovers without help, including LISTEN', async () => {
    const client = server.client()
    const usage = useAllTheTime(client, await client.register(somebody()))
    const witness = await server.client().register(somebody())
    await until(async () => usage.count('refresh', 'OK') > 2)

    await postgres.stopAtOnce()
    await until(
      async () => usage.count('me', 'SERVICE_UNAVAILABLE') > 2 && usage.count('refresh', 'SERVICE_UNAVAILABLE') > 2,
    )
    expect(await ready()).toBe(503)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    // An operation refused before it runs also gets the status 503; one that has begun is answered as usual (S4).
    expect(usage.answers).toContainEqual({ name: 'me', answer: 'SERVICE_UNAVAILABLE', status: 503 })
    expect(usage.answers).toContainEqual({ name: 'refresh', answer: 'SERVICE_UNAVAILABLE', status: 200 })

    await postgres.startAgain()
    const failed = usage.count('me', 'OK')
    await until(async () => usage.count('me', 'OK') > failed + 2)
    await until(async () => (await ready()) === 200)
    const tokens = await usage.stop()
    expect([...new Set(usage.answers.map(({ answer }) => answer))].sort()).toEqual(['OK', 'SERVICE_UNAVAILABLE'])
    expect((await client.me(tokens.accessToken)).body.errors).toBeUndefined()

    await server.dataSource.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [witness.session.id])
    await until(async () => refusal(await client.me(witness.accessToken))?.reason === 'SESSION_REVOKED')
  })
})

describe('S24: Postgres has no connections left', () => {
  it('S24: answers SERVICE_UNAVAILABLE until connections are free, and keeps the session', async () => {
    const tokens = await server.client().register(somebody())
    const others: pg.Client[] = []
    try {
      await until(async () => !(await connectAnother(others)))
      // Terminate all connections except `others` and LISTEN, and take them over once they are free. The server may be faster,
      // and get one of them again.
      const inUse = `FROM pg_stat_activity WHERE backend_type = 'client backend'
        AND application_name NOT IN ('another', 'silent-refresh feed')`
      await until(async () => {
        await others[0]?.query(`SELECT pg_terminate_backend(pid) ${inUse}`)
        await until(async () => !(await connectAnother(others)))
        return (await others[0]?.query(`SELECT ${inUse}`))?.rows.length === 0
      })
      const answers = [
        await refresh(tokens.refreshToken),
        await server.client().me(tokens.accessToken),
        await server.client().send(operations.login, { input: { email: 'ada@example.com', password: 'x' } }),
      ]
      expect(answers.map(refusal)).toEqual([unavailable, unavailable, unavailable])
      expect(await ready()).toBe(503)
    } finally {
      await Promise.all(others.map((other) => other.end()))
    }
    await until(async () => (await ready()) === 200)
    const refreshed = await server.client().refresh(tokens.refreshToken)
    expect((await server.client().me(refreshed.accessToken)).body.errors).toBeUndefined()
  })
})

describe('S24: Postgres hangs', () => {
  it('S24: answers within a time limit, and leaves no abandoned transaction in the pool', async () => {
    const person = somebody()
    const tokens = await server.client().register(person)
    const login = { input: { email: person.email, password: person.password } }
    // A sign-in in the middle of its transaction, waiting for the user's row.
    const holder = await connect(server.database.url)
    await holder.query('BEGIN')
    await holder.query('SELECT FROM users WHERE email = $1 FOR UPDATE', [person.email])
    const caught = server.client().send(operations.login, login)
    await until(async () => (await holder.query(waiting)).rows.length > 0)

    const resume = await freeze()
    let answers: Answer[]
    try {
      const began = performance.now()
      answers = await Promise.all([
        caught,
        refresh(tokens.refreshToken),
        ...Array.from({ length: 12 }, () => server.client().me(tokens.accessToken)), // more than the pool size
      ])
      // 3 s to get a connection, 6 s for an answer, and a margin for a busy machine.
      expect(performance.now() - began).toBeLessThan(30_000)
      expect(await ready()).toBe(503)
    } finally {
      resume()
    }
    expect(answers.map(refusal)).toEqual(answers.map(() => unavailable))
    await holder.query('ROLLBACK')
    await until(async () => (await ready()) === 200)

    const later = await Promise.all(Array.from({ length: 12 }, () => server.client().register(somebody())))
    const kept = await holder.query('SELECT FROM sessions WHERE id = ANY ($1)', [
      later.map(({ session }) => session.id),
    ])
    expect(kept.rows).toHaveLength(12) // visible to another connection, so committed
    expect((await holder.query(`SELECT FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'`)).rows).toEqual(
      [],
    )
    await holder.end()
    expect((await server.client().refresh(tokens.refreshToken)).session.id).toBe(tokens.session.id)
    await server.client().login(login.input)
  })
})

const waiting = `SELECT FROM pg_stat_activity WHERE application_name = 'silent-refresh' AND wait_event_type = 'Lock'`

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // its Postgres may stop
  await client.connect()
  return client
}

/** Returns false when Postgres accepts no more connections. */
async function connectAnother(others: pg.Client[]): Promise<boolean> {
  try {
    others.push(await connect(`${postgres.url}?application_name=another`))
    return true
  } catch {
    return false
  }
}

/** Suspends every Postgres process: connections stay open but nothing answers. @returns a function that resumes them */
async function freeze(): Promise<() => void> {
  const rows: { pid: number }[] = await server.dataSource.query('SELECT pid FROM pg_stat_activity')
  const pids = [postgres.pid(), ...rows.map(({ pid }) => pid)]
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  return () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
}
