import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

it('S4: rejects a protected field without a token with 401 and TOKEN_MISSING', async () => {
  const answer = await server.client().me()
  expect(answer.status).toBe(401)
  expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  expect(answer.body.data ?? null).toBeNull()
  expect(refusal(answer)).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' })
})

it('S4: rejects an expired token with TOKEN_EXPIRED', async () => {
  const { accessToken } = await server.client().register(somebody())
  expect((await server.client().me(accessToken)).body.data?.me).toBeDefined()
  await server.clock.advance({ seconds: 61 })
  const answer = await server.client().me(accessToken)
  expect(answer.status).toBe(401)
  expect(refusal(answer)).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' })
})

it.each([
  ['Basic dXNlcjpwYXNz', 'TOKEN_INVALID'],
  ['Bearer', 'TOKEN_INVALID'],
  ['Bearer a b', 'TOKEN_INVALID'],
])('S4: rejects the header "%s" with %s', async (authorization, reason) => {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: operations.me }),
  })
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED', reason } }] })
})

it.each([
  ['beside a public field', '{ serverTime me { id } }'],
  ['in a fragment', 'query { ...F } fragment F on Query { me { id } }'],
  ['in an inline fragment', '{ ... on Query { serverTime ... { me { id } } } }'],
  ['behind an alias', '{ serverTime: me { id } }'],
  ['included by a variable', 'query ($yes: Boolean = true) { me @include(if: $yes) { id } }'],
])('S4: rejects the whole operation for a protected field %s', async (_name, query) => {
  const answer = await server.client().send(query, {}, 'bad')
  expect(answer.status).toBe(401)
  expect(answer.body.data ?? null).toBeNull()
})

it('S4: runs no part of a rejected operation, not a single SQL statement', async () => {
  const before = server.statements.length
  await server.client().send('{ serverTime sessions { id } me { email } }', {}, 'bad')
  expect(server.statements.length).toBe(before)
})

it('S4: runs operations of public fields anonymously, whatever the header says', async () => {
  const person = somebody()
  for (const token of ['bad', undefined]) {
    const time = await server.client().send('{ serverTime __typename __schema { queryType { name } } }', {}, token)
    expect(time.status).toBe(200)
    expect(time.body.errors).toBeUndefined()
  }
  const registered = await server.client().send(operations.register, { input: person }, 'bad')
  const refreshToken = registered.body.data?.register.refreshToken
  const refreshed = await server.client().send(operations.refreshToken, { refreshToken }, 'bad')
  expect(refreshed.body.errors).toBeUndefined()
  const ended = await server.client().send(operations.logout, { refreshToken }, 'bad')
  expect(ended.body.data).toEqual({ logout: true })
})

it('S4: rejects a valid token of a deleted user with SESSION_REVOKED', async () => {
  const { accessToken, user } = await server.client().register(somebody())
  await server.dataSource.query('DELETE FROM users WHERE id = $1', [user.id])
  expect(refusal(await server.client().me(accessToken))).toEqual({ code: 'UNAUTHENTICATED', reason: 'SESSION_REVOKED' })
})
