import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { loadConfig } from '../src/config.ts'
import { createDemoUsers, demoUsers } from '../src/demo-users.ts'
import { type MortalPostgres, startMortalPostgres } from './support/processes/mortal-postgres.ts'
import { createTestClient } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

const page = 'https://app.example.com'
const { email } = demoUsers[0]

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ DEMO_USERS: 'true', CORS_ORIGINS: page, RATE_LIMIT_LOGIN_PER_ADDRESS: '20' })
})
afterAll(() => server.stop())
beforeEach(async () => {
  await server.clock.advance({ minutes: 1 }) // the counters of the test before have expired
  await server.dataSource.query('DELETE FROM users WHERE email = $1', [email])
  await createDemoUsers(server.app.services, () => {})
})

// biome-ignore lint/suspicious/noExplicitAny: an answer has the type that the test expects
const read = (answer: Response): Promise<any> => answer.json()
const json = { 'content-type': 'application/json' }
const signIn = async (headers: Record<string, string> = json, body: string | null = '{}', url = server.url) => {
  const answer = await fetch(`${url}/demo-sign-in`, { method: 'POST', headers, body })
  return { status: answer.status, headers: answer.headers, body: await read(answer) }
}
const error = (code: string, message: unknown = expect.any(String), details = {}) => ({
  errors: [{ message, extensions: { code, ...details } }],
})

describe('POST /demo-sign-in', () => {
  it('S1: opens a session of the demo user without a password, and records it', async () => {
    const { status, headers, body } = await signIn({ ...json, 'user-agent': 'A browser' })
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(body).toEqual({
      accessToken: expect.any(String),
      accessTokenExpiresIn: 60,
      user: { id: expect.any(String), username: 'demo', email, role: 'USER' },
    })
    const query = '{ sessions { current deviceName userAgent } securityEvents { edges { node { type } } } }'
    const { data } = (await server.client().send(query, {}, body.accessToken)).body
    expect(data).toEqual({
      sessions: [{ current: true, deviceName: 'Playground', userAgent: 'A browser' }],
      securityEvents: { edges: [{ node: { type: 'SIGNED_IN' } }] },
    })
  })

  it('S18: sets the refresh cookie and its hint as `login` does, and no device cookie', async () => {
    const { body, headers } = await signIn()
    const attributes = (cookies: string[]) => cookies.map((cookie) => cookie.replace(/=[^;]*/, '')).sort()
    const credentials = { username: 'ada', email: 'ada@example.com', password: 'a long password' }
    const { headers: usual } = await server
      .client()
      .send('mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }', {
        input: { ...credentials, tokenTransport: 'COOKIE' },
      })
    const expected = attributes(usual.getSetCookie()).filter((cookie) => !cookie.startsWith('device'))
    expect(expected).toHaveLength(2)
    expect(attributes(headers.getSetCookie())).toEqual(expected)

    const jar = new Map(
      headers.getSetCookie().map((cookie) => /^([^=]+)=([^;]*)/.exec(cookie)?.slice(1) as [string, string]),
    )
    expect(jar.get('refresh-token-hint')).toBe(body.user.id)
    const refreshed = await createTestClient(server.url, {}, jar).refresh()
    expect(refreshed.user.email).toBe(email)
  })

  it('names the device as asked, within the limits of `login`', async () => {
    const named = await signIn(json, JSON.stringify({ deviceName: ' My laptop ' }))
    const { data } = (await server.client().send('{ sessions { deviceName } }', {}, named.body.accessToken)).body
    expect(data?.sessions).toEqual([{ deviceName: 'My laptop' }])
    expect((await signIn(json, '{"deviceName": null}')).status).toBe(200)
    for (const deviceName of ['x'.repeat(101), 'a\u0000b', 5, {}, ['a']]) {
      const { status, body } = await signIn(json, JSON.stringify({ deviceName }))
      expect([status, body]).toEqual([400, error('BAD_USER_INPUT', expect.any(String), { field: 'deviceName' })])
    }
  })

  it.each([
    ['no body', json, null, 400],
    ['broken JSON', json, '{', 400],
    ['a list', json, '[]', 400],
    ['null', json, 'null', 400],
    ['text', { 'content-type': 'text/plain' }, '{}', 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'deviceName=a', 415],
    ['no content type', {}, null, 415],
  ] as const)('refuses %s', async (_name, headers, content, expected) => {
    const { status, body, headers: answered } = await signIn(headers, content)
    expect([status, body.errors, answered.getSetCookie()]).toEqual([expected, [expect.anything()], []])
  })

  it('answers no method but POST', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await fetch(`${server.url}/demo-sign-in`, { method })).status).toBe(404)
    }
  })

  it.each(['https://evil.example', 'null', 'http://127.0.0.1.evil.example', 'capacitor://localhost'])(
    'does not let pages of %s sign a browser in',
    async (origin) => {
      const { status, body, headers } = await signIn({ ...json, origin })
      expect([status, body, headers.getSetCookie()]).toEqual([403, error('FORBIDDEN'), []])
    },
  )

  it('lets pages of its own host and of CORS_ORIGINS sign in', async () => {
    for (const origin of [server.url, page]) expect((await signIn({ ...json, origin })).status).toBe(200)
  })

  it('S19: counts as a sign-in from its address', async () => {
    const statuses = []
    for (let i = 0; i < 21; i += 1) statuses.push((await signIn()).status)
    expect(statuses).toEqual([...Array(20).fill(200), 429])
    const { body, headers } = await signIn()
    const { retryAfterSeconds } = body.errors[0].extensions
    expect(body).toEqual(error('RATE_LIMITED', expect.any(String), { retryAfterSeconds }))
    expect(headers.get('retry-after')).toBe(String(retryAfterSeconds))
    const byPassword = await server
      .client()
      .send('mutation ($input: LoginInput!) { login(input: $input) { accessToken } }', {
        input: { email: 'nobody@example.com', password: 'wrong' },
      })
    expect(byPassword.body.errors?.[0]?.extensions.code).toBe('RATE_LIMITED')
  })

  it('is part of the metrics of sign-ins', async () => {
    const count = async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text()
      return Number(/sign_ins_total\{result="OK"\} (\d+)/.exec(text)?.[1])
    }
    const before = await count()
    await signIn()
    expect(await count()).toBe(before + 1)
  })
})

describe('when the demo user cannot sign in', () => {
  const demoUser = async () => (await read(await fetch(`${server.url}/playground.json`))).demoUser

  it.each([
    ['deleted', 'DELETE FROM users WHERE email = $1'],
    ['given another address', `UPDATE users SET email = 'moved@example.com' WHERE email = $1`],
  ])('answers 404 after it was %s, with what to do, and 200 once it is back', async (_name, statement) => {
    await server.dataSource.query(`DELETE FROM users WHERE email = 'moved@example.com'`)
    await server.dataSource.query(statement, [email])
    const { status, body } = await signIn()
    expect([status, body]).toEqual([404, error('NOT_FOUND', expect.stringMatching(/demo@example\.com.*Restart/))])
    expect(await demoUser()).toBeNull()
    await server.dataSource.query(`DELETE FROM users WHERE email = 'moved@example.com'`)
    await createDemoUsers(server.app.services, () => {})
    expect((await signIn()).status).toBe(200)
  })

  it('never signs in an admin without a password', async () => {
    await server.dataSource.query(`UPDATE users SET role = 'ADMIN' WHERE email = $1`, [email])
    const { status, body, headers } = await signIn()
    expect([status, body]).toEqual([403, error('FORBIDDEN', expect.stringContaining('password'))])
    expect(headers.getSetCookie()).toEqual([])
    expect(await demoUser()).toBeNull()
  })

  it('is off without DEMO_USERS, even if the user exists', async () => {
    const other = await startTestServer({ DEMO_USERS: 'false' }, { beside: server })
    const { status, body } = await signIn(json, '{}', other.url)
    expect([status, body]).toEqual([404, error('NOT_FOUND', expect.stringContaining('DEMO_USERS=true'))])
    await other.stop()
  })

  it('cannot be turned on in production', () => {
    expect(() => loadConfig({ NODE_ENV: 'production', DEMO_USERS: 'true' })).toThrow(
      'DEMO_USERS must not be true in production',
    )
    const production = {
      NODE_ENV: 'production',
      ACCESS_TOKEN_SECRETS: 'a:Jx1pXyM4Qm2vK7nRz0sTbW9cEfHgLd3u',
      REFRESH_TOKEN_SECRETS: 'r:Zq8wUe5rTy2iOp4aSd6fGh7jKl1xCv3b',
    }
    expect(loadConfig(production).demoUsers).toBe(false)
  })
})

describe('while the database is down', () => {
  let postgres: MortalPostgres
  let cut: TestServer
  const shared = process.env.TEST_DATABASE_URL
  beforeAll(async () => {
    postgres = await startMortalPostgres({ fsync: 'off' })
    process.env.TEST_DATABASE_URL = postgres.url
    cut = await startTestServer({ DEMO_USERS: 'true' })
    await createDemoUsers(cut.app.services, () => {})
  })
  afterAll(async () => {
    await cut.stop()
    await postgres.remove()
    process.env.TEST_DATABASE_URL = shared
  })

  it('S24: answers SERVICE_UNAVAILABLE like the API, logs the cause, and works again afterwards', async () => {
    await postgres.stopAtOnce()
    const { status, body, headers } = await signIn(json, '{}', cut.url)
    expect([status, body, headers.getSetCookie()]).toEqual([503, error('SERVICE_UNAVAILABLE'), []])
    const settings = await fetch(`${cut.url}/playground.json`)
    expect(await settings.json()).toEqual({ demoUser: null, schemaUrl: '/schema.graphql', cookieName: 'refresh-token' })
    expect(cut.logLines.some((line) => line.includes('"err"') && line.includes('"msg":"request failed"'))).toBe(true)
    await postgres.startAgain()
    await until(async () => (await signIn(json, '{}', cut.url)).status === 200)
  })
})
