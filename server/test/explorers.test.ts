import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { getIntrospectionQuery, type IntrospectionOptions } from 'graphql'
import { credentials, somebody } from './support/people.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { refusedHandshake } from './support/test-socket.ts'

const altairExtension = 'chrome-extension://flnheeellpciglgpaodhkhmapeljopja'
const altairDesktop = 'electron://altair'
const apollo = 'https://studio.apollographql.com'
const hive = 'https://app.graphql-hive.com'

let server: TestServer
let closed: TestServer
beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: [altairExtension, altairDesktop, apollo, hive].join() })
  closed = await startTestServer({ INTROSPECTION: 'false' }, { beside: server })
})
afterAll(async () => {
  await closed.stop()
  await server.stop()
})

// biome-ignore lint/suspicious/noExplicitAny: an answer has the type that the test expects
const read = (answer: Response): Promise<any> => answer.json()
const json = { 'content-type': 'application/json' }

/** The headers of each explorer's requests, and those that its preflight names if it runs in a browser. */
const explorers = [
  {
    name: 'Altair, extension',
    headers: { ...json, accept: 'application/json', origin: altairExtension },
    preflight: 'authorization,content-type',
  },
  { name: 'Altair, desktop app', headers: { ...json, accept: 'application/json', origin: altairDesktop } },
  {
    name: 'Apollo Explorer',
    headers: {
      ...json,
      accept: 'multipart/mixed;subscriptionSpec="1.0", application/json',
      origin: apollo,
      'sec-fetch-site': 'cross-site',
      'apollographql-client-name': 'explorer',
      'x-apollo-operation-name': 'Introspection',
    },
    preflight: 'apollographql-client-name,authorization,content-type,x-apollo-operation-name',
  },
  {
    name: 'Hive Laboratory',
    headers: { ...json, accept: 'application/graphql-response+json, application/json', origin: hive },
    preflight: 'authorization,content-type',
  },
  { name: 'Insomnia', headers: { ...json, accept: '*/*', 'user-agent': 'insomnia/12.0.0' } },
  {
    name: 'Postman',
    headers: {
      ...json,
      accept: '*/*',
      'user-agent': 'PostmanRuntime/7.49.0',
      'postman-token': '7f7a3b0e-0000-4000-8000-000000000000',
      'cache-control': 'no-cache',
      'accept-encoding': 'gzip, deflate, br',
    },
  },
] as const

async function post(headers: Record<string, string>, body: object, url = server.url) {
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, headers: answer.headers, body: await read(answer) }
}

describe.each(explorers)('$name', ({ headers, ...more }) => {
  const origin = 'origin' in headers ? headers.origin : undefined

  it('reads the schema, with or without a token', async () => {
    const query = getIntrospectionQuery()
    for (const authorization of [undefined, 'Bearer {{accessToken}}', 'Bearer expired', 'Basic YTpi']) {
      const { status, body } = await post(
        { ...headers, ...(authorization && { authorization }) },
        { operationName: 'IntrospectionQuery', query, variables: {} },
      )
      expect([status, body.errors]).toEqual([200, undefined])
      expect(body.data.__schema.queryType.name).toBe('Query')
    }
  })

  it('checks that the server is there with __typename', async () => {
    const { status, body } = await post(headers, { query: '{ __typename }' })
    expect([status, body]).toEqual([200, { data: { __typename: 'Query' } }])
  })

  it('signs in with the body transport, uses the token and refreshes', async () => {
    const user = somebody()
    await server.client().register(user)
    const grant = 'accessToken accessTokenExpiresIn refreshToken'
    const login = await post(headers, {
      query: `mutation ($input: LoginInput!) { login(input: $input) { ${grant} } }`,
      variables: { input: credentials(user) },
      extensions: {},
    })
    const first = login.body.data.login
    expect(first.refreshToken).toEqual(expect.any(String))
    const refreshed = await post(headers, {
      query: `mutation ($token: String) { refreshToken(refreshToken: $token) { ${grant} } }`,
      variables: { token: first.refreshToken },
    })
    for (const { accessToken } of [first, refreshed.body.data.refreshToken]) {
      const authorization = `Bearer ${accessToken}`
      const { body } = await post({ ...headers, authorization }, { query: '{ me { email } }', variables: null })
      expect(body.data).toEqual({ me: { email: user.email } })
    }
    const names = refreshed.headers.getSetCookie().map((cookie) => cookie.split('=')[0])
    expect(names).not.toContain('refresh-token')
  })

  it('can read the errors and how long to wait', async () => {
    const { status, headers: answered, body } = await post(headers, { query: '{ me { id } }' })
    expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
    if (origin === undefined) return
    expect(answered.get('access-control-allow-origin')).toBe(origin)
    expect(answered.get('access-control-expose-headers')).toContain('retry-after')
  })

  if ('preflight' in more) {
    it('gets permission for its headers', async () => {
      const answer = await fetch(`${server.url}/graphql`, {
        method: 'OPTIONS',
        headers: {
          origin: origin ?? '',
          'access-control-request-method': 'POST',
          'access-control-request-headers': more.preflight,
        },
      })
      expect(answer.status).toBe(204)
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      expect(answer.headers.get('access-control-allow-methods')).toContain('POST')
      expect(answer.headers.get('access-control-allow-headers')?.split(/, ?/)).toEqual(more.preflight.split(','))
      const unlisted = await fetch(`${closed.url}/graphql`, { method: 'OPTIONS', headers: { origin: origin ?? '' } })
      expect(unlisted.headers.get('access-control-allow-origin')).toBeNull()
    })
  }

  it('opens a socket for subscriptions if its origin is listed', async () => {
    const handshake = (url: string) =>
      refusedHandshake(`${url.replace('http', 'ws')}/graphql`, origin === undefined ? {} : { origin })
    expect(await handshake(server.url)).toBeNull()
    expect(await handshake(closed.url)).toBe(origin === undefined ? null : 403)
  })
})

describe('introspection', () => {
  const options = [
    'descriptions',
    'specifiedByUrl',
    'directiveIsRepeatable',
    'schemaDescription',
    'inputValueDeprecation',
    'oneOf',
  ] as const satisfies (keyof IntrospectionOptions)[]
  const choices = Array.from({ length: 2 ** options.length }, (_, bits) =>
    Object.fromEntries(options.map((option, index) => [option, Boolean(bits & (1 << index))])),
  )

  it('is within the limits with every option of graphql-js', async () => {
    for (const choice of choices) {
      const { status, body } = await post(json, { query: getIntrospectionQuery(choice) })
      expect([choice, status, body.errors]).toEqual([choice, 200, undefined])
    }
  })

  it('works over GET for clients that send a header which forms cannot', async () => {
    const url = `${server.url}/graphql?query=${encodeURIComponent(getIntrospectionQuery())}`
    for (const headers of [{ 'apollo-require-preflight': 'true' }, { 'x-apollo-operation-name': 'I' }, json]) {
      const answer = await fetch(url, { headers })
      expect([answer.status, (await read(answer)).errors]).toEqual([200, undefined])
    }
    const bare = await fetch(url)
    expect([bare.status, (await read(bare)).errors[0].message]).toEqual([400, expect.stringContaining('CSRF')])
  })

  it('is refused with INTROSPECTION=false, with a reason, while __typename and operations work', async () => {
    const { status, body } = await post(json, { query: getIntrospectionQuery() }, closed.url)
    expect([status, body.errors[0].message]).toEqual([400, expect.stringContaining('introspection is not allowed')])
    const { body: alive } = await post(json, { query: '{ __typename serverTime }' }, closed.url)
    expect(alive.data).toEqual({ __typename: 'Query', serverTime: expect.any(String) })
  })
})
