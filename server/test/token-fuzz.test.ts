import { createHmac } from 'node:crypto'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { somebody } from './support/people.ts'
import { type Answer, operations } from './support/test-client.ts'
import { accessTokenSecret, refreshTokenSecret, startTestServer, type TestServer } from './support/test-server.ts'

const runs = (numRuns: number) => ({ seed: 20_261_125, numRuns })

let server: TestServer
let mine: { access: string; refresh: string }
let others: { access: string; refresh: string }
beforeAll(async () => {
  server = await startTestServer({ LOG_LEVEL: 'warn' })
  const signUp = async () => {
    const { accessToken, refreshToken } = await server.client().register(somebody())
    return { access: accessToken, refresh: refreshToken ?? '' }
  }
  mine = await signUp()
  others = await signUp()
})
afterAll(() => server.stop())

let statements = 0
beforeEach(() => {
  statements = server.statements.length
})
afterEach(() => {
  expect(server.statements.length).toBe(statements) // nothing here may reach the database
  expect(server.logLines).toEqual([])
})

async function post(payload: string | object, headers: Record<string, string> = {}) {
  const response = await server.app.fastify.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  })
  const { data = null, errors = [] } = JSON.parse(response.body) as Answer['body']
  const [first] = errors
  return { status: response.statusCode, cookies: response.cookies, data, errors, refusal: first?.extensions }
}

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object
const partsOf = (token: string) => token.split('.') as [header: string, claims: string, signature: string]

/** The token with a different header or different claims, signed with `secret`. */
function forge(token: string, secret: string, { header = {}, claims = {}, hash = 'sha256' }): string {
  const [itsHeader, itsClaims] = partsOf(token)
  const signed = `${encode({ ...decode(itsHeader), ...header })}.${encode({ ...decode(itsClaims), ...claims })}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(null, -1, 1e300, true, '', '__proto__', 'constructor', '../../dev/null', "' OR 1=1 --", {}, ['test']),
)

/**
 * Turns a valid token into an invalid one by cutting, mixing, flipping and forging. It is made when it is used, because there
 * is no valid one before the server has started.
 */
function wrongTokens(kind: 'access' | 'refresh') {
  const good = () => mine[kind]
  const key = kind === 'access' ? accessTokenSecret : refreshTokenSecret
  const otherKey = kind === 'access' ? refreshTokenSecret : accessTokenSecret
  const where = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  const split = (at: number): [string, string] => {
    const index = Math.floor(at * good().length)
    return [good().slice(0, index), good().slice(index)]
  }
  const makers: fc.Arbitrary<() => string>[] = [
    where.map((at) => () => split(at)[0]),
    where.map((at) => () => split(at)[1].slice(1)),
    fc.tuple(where, fc.nat({ max: 6 })).map(([at, bit]) => () => {
      const [head, tail] = split(at)
      return head + String.fromCharCode(tail.charCodeAt(0) ^ (1 << bit)) + tail.slice(1)
    }),
    fc.tuple(where, fc.string({ minLength: 1, maxLength: 40 })).map(
      ([at, more]) =>
        () =>
          split(at).join(more),
    ),
    // Parts of valid tokens of both kinds and of two users, recombined.
    fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 2 })), { minLength: 1, maxLength: 5 }).map((picks) => () => {
      const pool = [mine.access, mine.refresh, others.access, others.refresh]
      return picks.map(([token, part]) => partsOf(pool[token] ?? '')[part]).join('.')
    }),
    fc.constant(() => mine[kind === 'access' ? 'refresh' : 'access']),
    fc.constantFrom('none', 'None', 'nOnE', '', 'RS256', 'ES256', 'PS512').map((alg) => () => {
      const [header, claims] = partsOf(good())
      return `${encode({ ...decode(header), alg })}.${claims}.`
    }),
    // With the wrong key every token is invalid, with the right key every header except ours.
    fc.tuple(odd, odd).map(
      ([sid, gen]) =>
        () =>
          forge(good(), otherKey, { claims: { sid, gen } }),
    ),
    fc.constantFrom('JWT', 'at+jwt', 'rt+jwt').map((typ) => () => forge(good(), otherKey, { header: { typ } })),
    fc.constantFrom('384', '512').map((bits) => () => {
      return forge(good(), key, { header: { alg: `HS${bits}` }, hash: `sha${bits}` })
    }),
    odd.map((kid) => () => forge(good(), key, { header: { kid } })),
    odd.map((typ) => () => forge(good(), key, { header: { typ } })),
    fc
      .constantFrom('iss', 'aud')
      .chain((name) => odd.map((value) => () => forge(good(), key, { claims: { [name]: value } }))),
    fc.integer({ min: 4_000, max: 12_000 }).map((length) => () => good().padEnd(length, good())),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map((garbage) => () => garbage),
    fc
      .string({ unit: fc.constantFrom('.', '=', 'ey', ' ', '\r\n', '\0', '%', ';'), minLength: 1 })
      .map((signs) => () => signs),
  ]
  return fc.oneof(...makers)
}

it('S2, S4: refuses invalid access tokens with TOKEN_INVALID before anything runs', async () => {
  await fc.assert(
    fc.asyncProperty(wrongTokens('access'), async (make) => {
      const token = make()
      fc.pre(token !== mine.access && token !== others.access)
      const answer = await post({ query: '{ serverTime me { id } }' }, { authorization: `Bearer ${token}` })
      expect(answer).toMatchObject({ status: 401, data: null })
      expect(answer.refusal).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' })
    }),
    runs(900),
  )
})

it('S4: refuses other schemes and malformed headers with TOKEN_INVALID, even around a valid token', async () => {
  const around = fc.oneof(
    fc.constantFrom(
      '',
      'Basic ',
      'Token ',
      'Digest ',
      'Bearer',
      'Bearer:',
      'Bearer\t',
      ' Bearer',
      '"Bearer ',
      'DPoP ',
      'Bearer "',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }).filter((scheme) => !/^Bearer +$/i.test(scheme)),
  )
  const after = fc.constantFrom('', ' ', ' x', ',', '\r\nX-Role: ADMIN', '\n', '\0', ', Bearer x')
  await fc.assert(
    fc.asyncProperty(around, after, async (scheme, rest) => {
      const answer = await post({ query: operations.me }, { authorization: `${scheme}${mine.access}${rest}` })
      expect(answer).toMatchObject({ status: 401, data: null })
      expect(answer.refusal).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' })
    }),
    runs(250),
  )
})

it('S11: refuses an invalid refresh token and ignores an invalid cookie, and ends no session', async () => {
  await fc.assert(
    fc.asyncProperty(wrongTokens('refresh'), fc.boolean(), async (make, inCookie) => {
      const token = make()
      fc.pre(token !== '' && token !== mine.refresh && token !== others.refresh)
      const answer = inCookie
        ? await post(
            { query: operations.refreshToken },
            { cookie: `refresh-token=${encodeURIComponent(wellFormed(token))}` },
          )
        : await post({ query: operations.refreshToken, variables: { refreshToken: token } })
      expect(answer).toMatchObject({ status: 200, data: null, cookies: [] })
      expect(answer.refusal).toEqual(
        inCookie
          ? { code: 'BAD_USER_INPUT', field: 'refreshToken' }
          : { code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_INVALID' },
      )
      const signOut = inCookie
        ? await post({ query: operations.logout }, { cookie: `refresh-token=${encodeURIComponent(wellFormed(token))}` })
        : await post({ query: operations.logout, variables: { refreshToken: token } })
      expect(signOut).toMatchObject({ status: 200, data: { logout: true }, cookies: [] })
    }),
    runs(500),
  )
})

it('S18: treats malformed cookies as missing, and never clears them on refresh', async () => {
  const piece = fc.oneof(
    fc.constantFrom('refresh-token', '=', ';', '; ', '%', '%E0%A4%A', '"', ',', '__Host-', '\\', 'refresh-token=x'),
    fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const answer = await post({ query: operations.refreshToken }, { cookie: pieces.join('') })
      expect(answer).toMatchObject({ status: 200, data: null, cookies: [] })
      expect(answer.refusal).toEqual({ code: 'BAD_USER_INPUT', field: 'refreshToken' })
    }),
    runs(300),
  )
})

it('S24: refuses malformed bodies as invalid requests, whatever they contain', async () => {
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .record(
        { query: fc.jsonValue(), variables: fc.jsonValue(), operationName: fc.jsonValue(), extensions: fc.jsonValue() },
        { requiredKeys: [] },
      )
      .map((request) => JSON.stringify(request)),
    fc
      .jsonValue()
      .map((variables) => JSON.stringify({ query: operations.refreshToken, variables: { refreshToken: variables } })),
    fc.integer({ min: 100, max: 20_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`),
    fc.integer({ min: 100, max: 20_000 }).map((depth) => JSON.stringify({ query: '{'.repeat(depth) })),
    fc.constantFrom(
      '{"__proto__":{"query":"{ me { id } }"}}',
      '{"constructor":{"prototype":{}}}',
      '\ufeff{"query":"{ me { id } }"}',
    ),
  )
  await fc.assert(
    fc.asyncProperty(body, async (payload) => {
      const answer = await post(payload)
      expect(answer.data).toBeNull()
      expect(answer.errors.length).toBeGreaterThan(0)
      expect(answer.status).toBeLessThan(500)
      expect(answer.refusal?.code).toMatch(
        /^(BAD_REQUEST|BAD_USER_INPUT|GRAPHQL_\w+|OPERATION_RESOLUTION_FAILURE|FORBIDDEN|UNAUTHENTICATED)$/,
      )
    }),
    runs(600),
  )
})

it.each([
  ['two headers, one of them valid', ['Bearer x', 'GOOD'], 401],
  ['a line folded into the header', ['Bearer\r\n GOOD'], 400],
  ['a line break and a second header', ['Bearer x\r\nauthorization: GOOD'], 401],
  ['a bare line feed', ['Bearer x\nGOOD'], 400],
  ['a NUL', ['GOOD\0'], 400],
  ['bytes that are not text', ['GOOD\xff\xfe'], 401],
  ['a header of 20 kB', [`GOOD${'A'.repeat(20_000)}`], 431],
])('S4: runs nothing for a raw request with %s', async (_name, headers, status) => {
  const body = JSON.stringify({ query: operations.me })
  const { port } = server.app.fastify.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  const lines = headers.map((header) => `authorization: ${header.replace('GOOD', `Bearer ${mine.access}`)}\r\n`)
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `content-length: ${body.length}\r\n${lines.join('')}\r\n${body}`,
    'latin1',
  )
  const answer = await text(socket)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer).not.toContain('"username"')
})

/** Replaces lone surrogates, which cannot be URL-encoded. */
const wellFormed = (value: string) => Buffer.from(value, 'utf8').toString('utf8')
