import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { type Answer, operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const secret = 'never-in-a-log-0123456789'
afterEach(() => {
  expect(server.logLines.join('\n')).not.toContain(secret)
})

async function post(body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
  return { status: response.status, body: (await response.json()) as Required<Answer['body']> }
}

it.each([
  ['an email without @', { email: 'ada.example.com' }, 'BAD_USER_INPUT'],
  ['an email without a domain', { email: 'ada@' }, 'BAD_USER_INPUT'],
  ['an email with a space', { email: 'a da@example.com' }, 'BAD_USER_INPUT'],
  ['an email of 300 characters', { email: `${'a'.repeat(300)}@example.com` }, 'BAD_USER_INPUT'],
  ['an email that is a number', { email: 5 }, 'BAD_USER_INPUT'],
  ['a missing email', { email: undefined }, 'BAD_USER_INPUT'],
  ['an empty username', { username: '   ' }, 'BAD_USER_INPUT'],
  ['a username of 51 characters', { username: 'x'.repeat(51) }, 'BAD_USER_INPUT'],
  ['a username with a line break', { username: 'a\nb' }, 'BAD_USER_INPUT'],
  ['a username with a NUL', { username: 'a\u0000b' }, 'BAD_USER_INPUT'],
  ['a lone surrogate', { username: 'a\ud800' }, 'BAD_USER_INPUT'],
  ['a username that is one zero-width space', { username: '\u200b' }, 'BAD_USER_INPUT'],
  ['a username of joiners only', { username: '\u200d \u200c' }, 'BAD_USER_INPUT'],
  ['a username that is a Hangul filler', { username: '\u3164' }, 'BAD_USER_INPUT'],
  ['a username that is a blank Braille pattern', { username: '\u2800' }, 'BAD_USER_INPUT'],
  ['a username with a soft hyphen', { username: 'a\u00adb' }, 'BAD_USER_INPUT'],
  ['a username with a right-to-left override', { username: 'a\u202eb' }, 'BAD_USER_INPUT'],
  ['a username with a line separator', { username: 'a\u2028b' }, 'BAD_USER_INPUT'],
  ['an email with a zero-width space', { email: 'ada\u200b@example.com' }, 'BAD_USER_INPUT'],
  ['an email with a joiner in its domain', { email: 'ada@exa\u034fmple.com' }, 'BAD_USER_INPUT'],
  ['a password that is a number', { password: 12345678 }, 'BAD_USER_INPUT'],
  ['a deviceName of 101 characters', { deviceName: 'x'.repeat(101) }, 'BAD_USER_INPUT'],
  ['an unknown field', { admin: true }, 'BAD_USER_INPUT'],
  ['an unknown transport', { tokenTransport: 'PIGEON' }, 'BAD_USER_INPUT'],
])('rejects %s and creates no account', async (_name, wrong, code) => {
  const input = somebody({ password: secret, ...wrong })
  const answer = await server.client().send(operations.register, { input })
  expect(answer.status).toBeLessThan(500)
  expect(refusal(answer)?.code).toBe(code)
  expect(answer.body.errors?.[0]?.message.length).toBeGreaterThan(10)
  const [{ count }] = await server.dataSource.query('SELECT count(*)::int FROM users WHERE email = $1', [
    String(input.email),
  ])
  expect(count).toBe(0)
})

it.each([
  ['a variable with a missing field', { username: 'x', password: secret }, 'at "input"|"email" of required type'],
  ['a password that is a number', somebody({ password: 271828182845 as never }), 'at "input.password": String cannot'],
  ['an invalid email', somebody({ password: secret, email: secret }), '^Enter an email address like'],
])('S24: does not echo %s', async (_name, input, told) => {
  const answer = await server.client().send(operations.register, { input })
  const [{ message = '' } = {}] = answer.body.errors ?? []
  expect(message).toMatch(new RegExp(told))
  expect(message).not.toMatch(new RegExp(`${secret}|271828182845`))
})

it('S24: names the field of an invalid email, in a variable and in the document', async () => {
  const input = { email: 'ada@example', password: secret }
  const inVariable = await server.client().send(operations.login, { input })
  const inDocument = await server
    .client()
    .send(`mutation { login(input: { email: "${input.email}", password: "${input.password}" }) { accessToken } }`)
  for (const answer of [inVariable, inDocument]) {
    expect(answer.status).toBe(400)
    expect(refusal(answer)).toEqual({ code: 'BAD_USER_INPUT', field: 'email' })
  }
})

it('S24: does not echo a literal', async () => {
  const query = 'mutation { login(input: { email: "a@example.com", password: 271828182845 }) { accessToken } }'
  const { status, body } = await post(JSON.stringify({ query }))
  expect(status).toBe(400)
  expect(body.errors[0]?.message).toMatch(/String cannot represent a non string value/)
  expect(JSON.stringify(body)).not.toContain('271828182845')
})

// The last five contain joiners, variation selectors and tags, which are invisible by themselves.
it.each([
  ...['李小龙', 'Björk Guðmundsdóttir', 'محمد', '🦊', 'नेहा'],
  ...[
    'می\u200cخواهم',
    'क\u200dष',
    '👨\u200d👩\u200d👧',
    '葛\u{e0100}城 ❤\ufe0f',
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  ],
])('accepts the username %s', async (username) => {
  const { user } = await server.client().register(somebody({ username }))
  expect(user.username).toBe(username)
})

it('rejects a username that differs only in case, Unicode form or invisible characters', async () => {
  await server.client().register(somebody({ username: 'Élodie M' }))
  for (const username of [
    ...['élodie m', 'ÉLODIE M', 'E\u0301lodie M'],
    ...['Élo\u200cdie M', 'Élodie M\u200d', 'Élodie\ufe0f M', 'Élodie  M', 'Élodie\u00a0M'],
  ]) {
    const answer = await server.client().send(operations.register, { input: somebody({ username }) })
    expect(refusal(answer)).toEqual({ code: 'CONFLICT', field: 'username' })
  }
})

it('accepts exactly one of several simultaneous sign-ups with the same email', async () => {
  const { email } = somebody()
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => server.client().send(operations.register, { input: somebody({ email }) })),
  )
  const codes = answers.map((answer) => refusal(answer)?.code)
  expect(codes.filter((code) => code === undefined)).toHaveLength(1)
  expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(4)
})

it('rejects a password of over 1,000 characters at sign-in without hashing it', async () => {
  const answer = await server.client().send(operations.login, {
    input: { email: 'ada@example.com', password: 'x'.repeat(1_001) },
  })
  expect(refusal(answer)).toEqual({ code: 'BAD_USER_INPUT', field: 'password' })
})

it.each([
  ['currentPassword', 'old'],
  ['newPassword', 'new'],
])('names %s when it is too long', async (field, variable) => {
  const { accessToken } = await server.client().register(somebody())
  const answer = await server
    .client()
    .send(
      'mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) }',
      { old: 'a password', new: 'a new password', [variable]: 'x'.repeat(1_001) },
      accessToken,
    )
  expect(refusal(answer)).toEqual({ code: 'BAD_USER_INPUT', field })
})

it.each([
  ['a body that is not JSON', '{', 400],
  ['an empty body', '', 400],
  ['a list of operations', '[{"query":"{ serverTime }"},{"query":"{ serverTime }"}]', 400],
  ['a missing query', '{}', 400],
  ['a syntax error', '{"query":"{"}', 400],
  ['an unknown field', '{"query":"{ nothing }"}', 400],
  ['an unknown operation name', '{"query":"query A { serverTime }","operationName":"B"}', 400],
  ['variables that are not an object', '{"query":"{ serverTime }","variables":5}', 400],
])('answers %s with a message and a code', async (_name, body, status) => {
  const answer = await post(body)
  expect(answer.status).toBe(status)
  expect(answer.body.errors[0]?.message.length).toBeGreaterThan(10)
  expect(answer.body.errors[0]?.extensions.code).toMatch(
    /^(BAD_REQUEST|GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED|OPERATION_RESOLUTION_FAILURE)$/,
  )
})

it('rejects a body over 100 kB', async () => {
  const answer = await post(JSON.stringify({ query: '{ serverTime }', variables: { x: secret.repeat(6_000) } }))
  expect(answer.status).toBe(413)
  expect(answer.body.errors[0]).toEqual({
    message: 'The body is larger than 100 kB.',
    extensions: { code: 'BAD_REQUEST' },
  })
})

it('rejects forms and plain text, so that no other site can make a browser send a mutation (CSRF)', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    const answer = await post('{"query":"{ serverTime }"}', { 'content-type': type })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.body.errors[0]?.extensions.code).toBe('BAD_REQUEST')
  }
  const get = await fetch(`${server.url}/graphql?query=%7BserverTime%7D`)
  expect(get.status).toBe(400)
})

it('answers an unknown route with NOT_FOUND', async () => {
  const response = await fetch(`${server.url}/nowhere?token=${secret}`)
  expect(response.status).toBe(404)
  expect(await response.json()).toEqual({
    errors: [{ message: 'There is nothing at GET /nowhere.', extensions: { code: 'NOT_FOUND' } }],
  })
})

it('answers a malformed URL with BAD_REQUEST', async () => {
  const response = await fetch(`${server.url}/%ff%`)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({
    errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }],
  })
})

it('answers oversized headers with BAD_REQUEST', async () => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${'A'.repeat(20_000)}` },
    body: '{"query":"{ serverTime }"}',
  })
  expect(response.status).toBe(431)
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
})

const refusedUpgrade = [
  'GET /graphql HTTP/1.1',
  'Host: a',
  'Origin: https://b',
  'Connection: Upgrade',
  'Upgrade: websocket',
]
it.each([
  ['bytes that are not HTTP', ['garbage'], '400 Bad Request'],
  ['a handshake from a foreign origin', refusedUpgrade, '403 Forbidden'],
])('answers %s and closes the connection, even if the peer does not', async (_what, lines, status) => {
  const accepted = once(server.app.fastify.server, 'connection')
  const client = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', allowHalfOpen: true })
  client.on('error', () => {}).write(`${lines.join('\r\n')}\r\n\r\n`)
  const [socket] = await accepted
  const gone = once(socket, 'close')
  const [answer] = await once(client.setEncoding('utf8'), 'data')
  expect(answer).toContain(`HTTP/1.1 ${status}\r\n`)
  await gone
  client.destroy()
})

it('ignores an offer to upgrade to another protocol, any number of times on one connection', async () => {
  const accepted = once(server.app.fastify.server, 'connection')
  const client = connect(Number(new URL(server.url).port), '127.0.0.1').setEncoding('utf8')
  const [socket] = await accepted
  const body = JSON.stringify({ query: '{ serverTime }' })
  const head = [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '\r\n',
  ].join('\r\n')
  let answer = ''
  client.on('data', (chunk) => {
    answer += chunk
  })
  const answerTo = async (...pieces: string[]) => {
    answer = ''
    for (const piece of pieces) {
      client.write(piece)
      await sleep(20)
    }
    await until(() => answer.trimEnd().endsWith('}'))
    return answer
  }
  try {
    const inOne = await answerTo(`${head}${body}`)
    const before = socket.listenerCount('close')
    const inTwo = await answerTo(head, body)
    for (const given of [inOne, inTwo]) expect(given).toMatch(/^HTTP\/1\.1 200 OK\r\n.*"serverTime":/s)
    expect(socket.listenerCount('close')).toBe(before)
    expect(await answerTo('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  } finally {
    client.destroy()
  }
})

it('answers a request that arrives too slowly with 408 and closes the connection', async () => {
  const http = server.app.fastify.server
  expect(http.requestTimeout).toBe(30_000)
  const accepted = once(http, 'connection')
  const client = connect(Number(new URL(server.url).port), '127.0.0.1')
  client.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n')
  const [socket] = await accepted
  // The event that Node emits on a request timeout, for which it checks every few seconds.
  http.emit('clientError', Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  const answer = await text(client)
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  expect(answer).toContain('"code":"BAD_REQUEST"')
})

it('does not let other origins read answers by default', async () => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  })
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
})

it('S24: masks an internal error and logs its cause without the password', async () => {
  await server.dataSource.query('ALTER TABLE users RENAME COLUMN email TO email_gone')
  try {
    const answer = await server.client().send(operations.login, { input: { email: 'a@b.example', password: secret } })
    expect(answer.body.errors).toEqual([
      expect.objectContaining({
        message: 'Something went wrong on the server.',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      }),
    ])
    expect(server.logLines.join('\n')).toContain('email')
  } finally {
    await server.dataSource.query('ALTER TABLE users RENAME COLUMN email_gone TO email')
  }
})
