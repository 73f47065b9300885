import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { credentials, somebody } from './support/people.ts'
import { type Answer, operations, refusal, type Tokens } from './support/test-client.ts'
import { accessTokenSecret, refreshTokenSecret, startTestServer, type TestServer } from './support/test-server.ts'
import { openSocket } from './support/test-socket.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ LOG_LEVEL: 'trace', RATE_LIMIT_LOGIN_PER_ACCOUNT: '4' })
})
afterAll(() => server.stop())

const password = 'the-first-secret-word-of-ada'
const nextPassword = 'the-next-secret-word-of-ada'
const wrongPassword = 'the-wrong-secret-word-of-ada'
const lines = () => server.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)

/** Runs `work` while statements on this column fail, whatever their values. */
async function withBroken(table: string, column: string, work: () => Promise<unknown>): Promise<void> {
  await server.dataSource.query(`ALTER TABLE ${table} RENAME COLUMN ${column} TO gone`)
  await work().finally(() => server.dataSource.query(`ALTER TABLE ${table} RENAME COLUMN gone TO ${column}`))
}

/** Sends raw bytes that a well-behaved client would refuse to send. */
function sendRaw(bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(bytes))
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.on('data', () => socket.end())
  })
}

it('S24: logs no token, password, hash or secret, even at level trace', async () => {
  const client = server.client()
  const person = somebody({ password })
  const tokens = await client.register(person)
  const inCookie = await client.login({ ...credentials(person), tokenTransport: 'COOKIE' })
  const cookies = [...client.jar.values()]
  const cookie = cookies.join()
  const all: Tokens[] = [tokens, inCookie, await client.refresh(tokens.refreshToken)]
  const send = (query: string, variables: object, token?: string) =>
    client.send(query, variables as Record<string, unknown>, token)

  // Refusals: wrong passwords up to the rate limit, invalid tokens of every kind, reuse.
  const wrong = { input: { email: person.email, password: wrongPassword } }
  for (let attempt = 0; attempt < 4; attempt++) await send(operations.login, wrong)
  expect(refusal(await send(operations.login, wrong))?.code).toBe('RATE_LIMITED')
  await server.clock.advance({ minutes: 1 })
  await send(operations.register, { input: person })
  await send(operations.register, { input: { ...somebody({ password: wrongPassword }), email: wrongPassword } })
  await send('mutation { login(input: { email: 5, password: "the-wrong-secret-word-of-ada" }) { accessToken } }', {})
  await send(operations.me, {}, `${tokens.accessToken}x`)
  await send(operations.me, {}, tokens.refreshToken ?? '')
  await send(operations.refreshToken, { refreshToken: tokens.accessToken })
  await send(operations.refreshToken, { refreshToken: { a: tokens.refreshToken } })
  const latest = all[2] as Tokens
  await send(
    'mutation ($c: String!, $n: String!) { changePassword(currentPassword: $c, newPassword: $n) }',
    { c: password, n: nextPassword },
    latest.accessToken,
  )
  await server.clock.advance({ seconds: 30 })
  all.push(await client.refresh(latest.refreshToken))
  expect(refusal(await send(operations.refreshToken, { refreshToken: tokens.refreshToken }))?.reason).toBe(
    'REFRESH_TOKEN_REUSED',
  )

  // Invalid requests with secrets in the wrong places.
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
  await post(`{"variables": {"password": "${wrongPassword}"`)
  await post(`"${wrongPassword}"`)
  await post(`{"query": "{ ${wrongPassword.replaceAll('-', '_')} }"}`)
  await post(wrongPassword.repeat(5_000))
  await post(`${wrongPassword}`, { 'content-type': 'application/x-www-form-urlencoded' })
  await fetch(`${server.url}/graphql?query={me}&token=${tokens.accessToken}&password=${wrongPassword}`)
  await fetch(`${server.url}/nowhere?token=${tokens.refreshToken}`, { headers: { cookie: `a=${cookie}` } })
  await sendRaw(`GET / HTTP/1.1\r\nAuthorization: Bearer ${tokens.accessToken}\r\nbroken ${wrongPassword}\r\n\r\n`)
  await sendRaw(`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${cookie.repeat(100)}\r\n\r\n`)

  // Database errors during every use of a secret.
  await withBroken('users', 'password_hash', () => send(operations.login, { input: credentials(person) }))
  await withBroken('users', 'username_key', () => send(operations.register, { input: somebody({ password }) }))
  await server.dataSource.query('ALTER TABLE users ADD CONSTRAINT never CHECK (length(username) < 1) NOT VALID')
  await send(operations.register, { input: somebody({ password }) }) // Postgres reports the whole failing row
  await server.dataSource.query('ALTER TABLE users DROP CONSTRAINT never')
  const other = await server.client().register(somebody({ password }))
  all.push(other)
  await withBroken('sessions', 'last_outcome', () =>
    send(operations.refreshToken, { refreshToken: other.refreshToken }),
  )
  await withBroken('users', 'email', () => send(operations.me, {}, other.accessToken))

  // Sockets.
  const good = await openSocket(server.url, other.accessToken)
  await good.next()
  good.send({ type: 'nonsense', payload: wrongPassword })
  await good.closed
  const bad = await openSocket(server.url, `${tokens.accessToken}x`)
  await bad.closed

  const log = server.logLines.join('\n')
  const hashes = (await server.dataSource.query('SELECT password_hash FROM users')) as { password_hash: string }[]
  const secrets = [
    ...[password, nextPassword, wrongPassword, wrongPassword.replaceAll('-', '_'), ...cookies],
    ...all
      .flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken ?? ''])
      .filter((token) => token !== ''),
    ...hashes.map(({ password_hash }) => password_hash),
    ...[accessTokenSecret, refreshTokenSecret, new URL(server.database.url).password],
  ]
  // Parts count too: the payload and the signature of a token.
  const parts = secrets.flatMap((secret) => [secret, ...secret.split('.').slice(1)]).filter((part) => part.length > 15)
  expect(parts.length).toBeGreaterThan(30)
  expect(parts.filter((part) => log.includes(part))).toEqual([])
  expect(log.includes('$2b$')).toBe(false)

  // The log must still be useful: it names the causes.
  for (const cause of ['password_hash', 'username_key', 'violates check constraint', 'last_outcome', 'email']) {
    expect([cause, log.includes(cause)]).toEqual([cause, true])
  }
  expect(lines().filter(({ msg }) => msg === 'operation failed')).toHaveLength(5)
})

it('S24: returns the request id under which the log records the request and its failure', async () => {
  let id = ''
  await withBroken('users', 'password_hash', async () => {
    const answer = await server
      .client()
      .send(operations.login, { input: { email: 'ada@example.com', password: wrongPassword } })
    id = answer.headers.get('x-request-id') ?? ''
  })
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  const messages = lines().filter(({ reqId }) => reqId === id)
  expect(messages.map(({ msg }) => msg)).toEqual(['operation failed', 'request completed'])
  expect(Object.keys(messages[0]?.err as object).sort()).toEqual(['code', 'message', 'stack', 'type'])
  const next = await fetch(`${server.url}/healthz`)
  expect(next.headers.get('x-request-id')).not.toBe(id)
})

it('S24: logs a connection that could not be accepted, and keeps running', async () => {
  server.app.fastify.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
  expect(lines()).toContainEqual(expect.objectContaining({ level: 50, msg: 'connection not accepted' }))
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})

it('S16: logs and counts operations that were refused because of the role, once per user and minute', async () => {
  const { accessToken, user } = await server.client().register(somebody())
  const total = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return Number(/^silent_refresh_operations_forbidden_total (\d+)$/m.exec(text)?.[1])
  }
  const before = await total()
  const revoke = `mutation { revokeUserSessions(userId: "${user.id}") }`
  const answers: Answer[] = []
  for (const query of ['{ users { edges { node { id } } } }', revoke, revoke]) {
    answers.push(await server.client().send(query, {}, accessToken))
  }
  const logged = lines().filter(({ msg }) => msg === 'operation forbidden')
  expect(answers.map(refusal)).toEqual(Array(3).fill({ code: 'FORBIDDEN' }))
  expect(logged).toMatchObject([{ level: 40, userId: user.id, requiredRole: 'ADMIN', count: 1 }])
  expect(logged[0]?.reqId).toBe(answers[0]?.headers.get('x-request-id'))
  expect((await total()) - before).toBe(answers.length)
})
