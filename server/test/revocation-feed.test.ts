import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createDatabaseClock } from '../src/core/clock.ts'
import { createLogPruning } from '../src/db/feed/log-pruning.ts'
import { startTcpProxy } from './support/faults/tcp-proxy.ts'
import { registerAdmin, somebody } from './support/people.ts'
import { refusal, type Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer()
  other = await startTestServer({}, { beside: server })
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})

const REVOKED = 'SESSION_REVOKED'
const EXPIRED = 'TOKEN_EXPIRED' // what a change of rights looks like to a client, which then refreshes

const reasonOn = async (instance: TestServer, accessToken: string) =>
  refusal(await instance.client().me(accessToken))?.reason
const readiness = async (instance: TestServer) => (await fetch(`${instance.url}/readyz`)).status

/** Waits until both instances refuse the token for this reason. */
async function untilRefused(accessToken: string, reason: string): Promise<void> {
  for (const instance of [server, other]) await until(async () => (await reasonOn(instance, accessToken)) === reason)
}

/** Starts another instance, which knows only what the database tells it at the start. */
async function withLateInstance<T>(work: (late: TestServer) => Promise<T>, env = {}): Promise<T> {
  const late = await startTestServer(env, { beside: server })
  try {
    return await work(late)
  } finally {
    await late.stop()
  }
}

describe('S15: an end takes effect at once, whichever statement brings it', () => {
  it.each([
    ['DELETE FROM sessions', 'DELETE FROM sessions WHERE id = $1', REVOKED],
    ['DELETE FROM users', 'DELETE FROM users WHERE id = (SELECT user_id FROM sessions WHERE id = $1)', REVOKED],
    [
      'UPDATE of a role',
      `UPDATE users SET role = 'ADMIN' WHERE id = (SELECT user_id FROM sessions WHERE id = $1)`,
      EXPIRED,
    ],
  ])(
    'S15: %s, typed at a console, on every instance and for those that start later',
    async (_name, statement, reason) => {
      const { accessToken, session } = await server.client().register(somebody())
      await server.dataSource.query(statement, [session.id])
      await untilRefused(accessToken, reason)
      expect(await withLateInstance((late) => reasonOn(late, accessToken))).toBe(reason)
    },
  )

  it('S15: deleting an admin', async () => {
    const accessToken = await registerAdmin(server)
    const users = (instance: TestServer) =>
      instance.client().send('{ users { edges { node { id } } } }', {}, accessToken)
    expect(refusal(await users(other))).toBeUndefined()
    await server.dataSource.query(`DELETE FROM users WHERE role = 'ADMIN'`)
    await until(async () => refusal(await users(other))?.code === 'UNAUTHENTICATED')
    await until(async () => refusal(await users(server))?.code === 'UNAUTHENTICATED')
  })

  it('S15: deleting a user while the feed is lost', async () => {
    const { accessToken, user } = await server.client().register(somebody())
    await server.database.cutFeeds()
    await server.dataSource.query('DELETE FROM users WHERE id = $1', [user.id])
    await until(async () => (await readiness(server)) === 200 && (await readiness(other)) === 200)
    await untilRefused(accessToken, REVOKED)
  })

  it.each(['TRUNCATE sessions', 'TRUNCATE users CASCADE'])(
    'S15: %s ends all sessions from before',
    async (statement) => {
      const { accessToken } = await server.client().register(somebody())
      await server.dataSource.query(statement)
      await untilRefused(accessToken, REVOKED)
      expect(await withLateInstance((late) => reasonOn(late, accessToken))).toBe(REVOKED)
      await until(async () => {
        const fresh = await server.client().register(somebody())
        return (await reasonOn(other, fresh.accessToken)) === undefined
      })
    },
  )

  it('S15, S22: deleting expired sessions announces nothing', async () => {
    const log = async () => (await server.dataSource.query('SELECT id FROM revocations')).length
    const { session } = await server.client().register(somebody())
    const before = await log()
    await server.dataSource.query(`UPDATE sessions SET expires_at = now() - interval '2 minutes' WHERE id = $1`, [
      session.id,
    ])
    await server.dataSource.query('DELETE FROM sessions WHERE id = $1', [session.id])
    expect(await log()).toBe(before)
  })
})

describe('S15: what counts is when a change was committed', () => {
  it('S15: a new instance knows of a demotion whose transaction began long before it was committed', async () => {
    const env = { ACCESS_TOKEN_TTL: '1m' }
    const { accessToken, user, refreshToken } = await server.client().register(somebody())
    await server.dataSource.query(`UPDATE users SET role = 'ADMIN' WHERE id = $1`, [user.id])
    await untilRefused(accessToken, EXPIRED)
    const connection = server.dataSource.createQueryRunner()
    await connection.startTransaction()
    await connection.query(`UPDATE users SET role = 'USER', version = version + 1 WHERE id = $1`, [user.id])
    await server.clock.advance({ minutes: 10 })
    const { accessToken: asAdmin } = await server.client().refresh(refreshToken)
    await connection.commitTransaction()
    await connection.release()
    expect(await withLateInstance((late) => reasonOn(late, asAdmin), env)).toBe(EXPIRED)
  })

  it('S22: the log keeps an entry until long after the transaction that wrote it has ended', async () => {
    let nowMs = 0
    const keptMs = 3_600_000
    const pruning = createLogPruning(server.dataSource, keptMs, () => nowMs)
    const pruneAfter = async (ms: number) => {
      nowMs += ms
      await pruning.run()
    }
    const { session } = await server.client().register(somebody())
    const isLogged = async () =>
      (await server.dataSource.query(`SELECT FROM revocations WHERE message ->> 'id' = $1`, [session.id])).length === 1

    const connection = server.dataSource.createQueryRunner()
    await connection.startTransaction()
    await connection.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [session.id])
    await pruneAfter(0)
    await pruneAfter(keptMs)
    await connection.commitTransaction()
    await connection.release()
    await pruneAfter(keptMs)
    expect(await isLogged()).toBe(true)
    await pruneAfter(keptMs - 1)
    expect(await isLogged()).toBe(true)
    await until(async () => {
      await pruneAfter(keptMs) // other transactions of the test run can be older for a moment
      return !(await isLogged())
    })
  })
})

it('S22: the log forgets entries that come from the dump of another Postgres', async () => {
  await server.dataSource.query(
    `INSERT INTO revocations (transaction_id, message) VALUES ('9000000000000000000', '{"kind":"session","id":"restored"}')`,
  )
  let nowMs = 0
  const pruning = createLogPruning(server.dataSource, 0, () => nowMs)
  await pruning.run()
  nowMs += 3_600_000
  await pruning.run()
  expect(await server.dataSource.query(`SELECT FROM revocations WHERE message ->> 'id' = 'restored'`)).toEqual([])
})

it('S15: a new instance reads a log of any length', async () => {
  const count = 12_345
  await server.dataSource.query(
    `INSERT INTO revocations (message)
     SELECT jsonb_build_object('kind', 'session', 'id', 'long-ago-' || n) FROM generate_series(1, $1::integer) AS n`,
    [count],
  )
  await withLateInstance(async (late) => {
    const metrics = await (await fetch(`${late.url}/metrics`)).text()
    const size = Number(/^silent_refresh_revocation_list_size (\d+)$/m.exec(metrics)?.[1])
    expect(size).toBeGreaterThanOrEqual(count)
  })
})

describe('S15: the feed counts as current only if it hears what is written', () => {
  it('S15: asks the database when the feed listens on another database', async () => {
    const elsewhere = await startTestServer()
    const deaf = await startTestServer({}, { beside: server, listenUrl: elsewhere.database.url })
    try {
      expect(await readiness(deaf)).toBe(503)
      const { accessToken } = await server.client().register(somebody())
      expect(await reasonOn(deaf, accessToken)).toBeUndefined()
      await server.client().logout(accessToken)
      expect(await reasonOn(deaf, accessToken)).toBe(REVOKED)
      expect(deaf.logLines.join('')).toContain('did not arrive through DATABASE_LISTEN_URL')
    } finally {
      await deaf.stop()
      await elsewhere.stop()
    }
  })

  it('S15: is lost when nothing can be sent through the pool any more', async () => {
    const proxy = await startTcpProxy(server.database.url)
    const pooled = { ...server, database: { ...server.database, url: proxy.url } }
    const cut = await startTestServer(
      { REVOCATION_FEED_TIMEOUT: '1s' },
      { beside: pooled, listenUrl: server.database.url },
    )
    try {
      await until(async () => (await readiness(cut)) === 200)
      proxy.blackHole()
      await until(() =>
        cut.logLines.some((line) => line.includes('No notification could be sent through DATABASE_URL')),
      )
      expect(await readiness(cut)).toBe(503)
    } finally {
      await proxy.close()
      await cut.stop()
    }
  })

  it('S15: asks the database when the connection of the feed carries nothing any more', async () => {
    const proxy = await startTcpProxy(server.database.url)
    const cut = await startTestServer({ REVOCATION_FEED_TIMEOUT: '1s' }, { beside: server, listenUrl: proxy.url })
    try {
      await until(async () => (await readiness(cut)) === 200)
      const { accessToken } = await server.client().register(somebody())
      proxy.blackHole()
      await server.client().logout(accessToken)
      await until(async () => (await reasonOn(cut, accessToken)) === REVOKED)
      await until(async () => (await readiness(cut)) === 503)
    } finally {
      await cut.stop()
      await proxy.close()
    }
  })
})

describe('S15: the clock of an instance', () => {
  it.each([
    ['90 seconds ahead', 90_000],
    ['8 days ahead', 8 * 86_400_000],
    ['an hour behind', -3_600_000],
  ])('S12, S15: %s, it expires nothing and ends no session', async (_name, aheadMs) => {
    const own = await startTestServer()
    const wrong = await startTestServer(
      {},
      {
        beside: own,
        clock: createDatabaseClock({ nowMs: () => Date.now() + aheadMs, monotonicMs: () => performance.now() }),
      },
    )
    try {
      const tokens: Tokens = await own.client().register(somebody())
      expect(await reasonOn(wrong, tokens.accessToken)).toBeUndefined()
      const next = await wrong.client().refresh(tokens.refreshToken)
      expect(await reasonOn(own, next.accessToken)).toBeUndefined()
      const { body } = await wrong.client().send('{ serverTime }')
      expect(Math.abs(Date.parse(body.data?.serverTime) - Date.now())).toBeLessThan(60_000)
      await until(() => wrong.logLines.some((line) => line.includes("this machine's clock is wrong")))
      const metrics = await (await fetch(`${wrong.url}/metrics`)).text()
      const offset = Number(/^silent_refresh_clock_offset_seconds (\S+)$/m.exec(metrics)?.[1])
      expect(Math.abs(offset - aheadMs / 1000)).toBeLessThan(30)
    } finally {
      await wrong.stop()
      await own.stop()
    }
  })
})
