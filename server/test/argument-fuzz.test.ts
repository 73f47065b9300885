import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { somebody } from './support/people.ts'
import { type Answer, operations } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
let admin: string
let ids: string[]
beforeAll(async () => {
  server = await startTestServer({ LOG_LEVEL: 'warn' })
  const person = somebody()
  const { user, session } = await server.client().register(person)
  await server.dataSource.query(`UPDATE users SET role = 'ADMIN' WHERE id = $1`, [user.id])
  admin = (await server.client().login({ email: person.email, password: person.password })).accessToken
  ids = [user.id, session.id, crypto.randomUUID(), user.id.toUpperCase(), `{${user.id}}`]
})
afterAll(() => server.stop())

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc.constantFrom('', ' ', '\0', 'a\0b', '\ud800', '%', '_', '\\', "'; DROP TABLE users; --", '١٢', '９', '1e5', 'NaN'),
  fc.nat({ max: 4 }).map((index) => ids[index] ?? ''),
)
/** Arbitrary text, plain and in base64url, the encoding of our cursors. */
const cursors = fc.oneof(
  words,
  words.map((text) => Buffer.from(text).toString('base64url')),
)
const numbers = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1, 100, 101, 2 ** 31 - 1, 2 ** 31, 1.5))
const emails = fc.oneof(
  words,
  words.map((text) => `${text}@example.com`),
  fc.emailAddress(),
)
const device = { appId: fc.option(words), deviceId: fc.option(words), deviceName: fc.option(words) }

/** Every argument of the API, with values that a user, a broken program or an attacker may send. */
const requests = fc.oneof(
  fc
    .record({ email: emails, password: words, ...device })
    .map((input) => ({ query: operations.login, variables: { input } })),
  fc
    .record({ email: emails, username: words, password: words, ...device })
    .map((input) => ({ query: operations.register, variables: { input } })),
  fc.record({ refreshToken: words }).map((variables) => ({ query: operations.logout, variables })),
  ...(
    [
      [
        'query ($first: Int, $after: String) { securityEvents(first: $first, after: $after) { edges { node { id } } } }',
        { first: numbers, after: cursors },
      ],
      [
        'query ($first: Int, $after: String, $search: String) { users(first: $first, after: $after, search: $search) { edges { node { id } } } }',
        { first: numbers, after: cursors, search: words },
      ],
      [
        'mutation ($id: ID!, $name: String!) { renameSession(id: $id, deviceName: $name) { id } }',
        { id: words, name: words },
      ],
      [
        'mutation ($id: ID!) { revokeSession(id: $id) }',
        {
          id: fc.oneof(
            words.filter((id) => !ids.includes(id)),
            numbers,
          ),
        },
      ],
      ['mutation ($id: ID!) { revokeUserSessions(userId: $id) }', { id: words.filter((id) => !ids.includes(id)) }],
      ['mutation ($id: ID!) { setUserRole(userId: $id, role: ADMIN) { id } }', { id: words }],
      [
        'mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) }',
        { old: words, new: words },
      ],
    ] as const
  ).map(([query, variables]) =>
    fc
      .record(variables as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] })
      .map((given) => ({ query, variables: given })),
  ),
)

it('S24: answers any arguments with data or a documented error, never with an internal error', async () => {
  const codes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const response = await server.app.fastify.inject({
        method: 'POST',
        url: '/graphql',
        // With an invalid refresh token, logout would end the session of the access token (S14).
        headers: request.query === operations.logout ? {} : { authorization: `Bearer ${admin}` },
        payload: request,
      })
      const { errors = [] } = JSON.parse(response.body) as Answer['body']
      expect(response.statusCode).toBeLessThan(500)
      for (const { extensions } of errors) {
        expect(extensions.code).toMatch(/^(BAD_USER_INPUT|INVALID_CREDENTIALS|NOT_FOUND|CONFLICT)$/)
        codes.add(extensions.code)
      }
    }),
    { seed: 20_261_125, numRuns: 800 },
  )
  expect(codes.size).toBeGreaterThan(2)
  expect(server.logLines).toEqual([])
})

it('pages through users past any possible username', async () => {
  const username = 'ﷺ'.repeat(50) // 900 characters in compatibility form
  await server.client().register(somebody({ username }))
  const query = 'query ($after: String) { users(first: 1, after: $after) { edges { cursor node { username } } } }'
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const answer = await server.client().send(query, { after }, admin)
    expect(answer.body.errors).toBeUndefined()
    const [edge] = answer.body.data?.users.edges ?? []
    if (edge === undefined) break
    seen.push(edge.node.username)
    after = edge.cursor
  }
  expect(seen).toContain(username)
  expect(new Set(seen).size).toBe(seen.length)
})
