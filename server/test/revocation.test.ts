import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { credentials, registerAdmin, somebody } from './support/people.ts'
import { operations, refusal, type Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

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

const over = { code: 'UNAUTHENTICATED', reason: 'SESSION_REVOKED' }
const meOn = async (instance: TestServer, tokens: Tokens) => refusal(await instance.client().me(tokens.accessToken))

/** Repeats `ask` until it returns the wanted answer. @returns how long that took, in milliseconds */
async function until(wanted: object, ask: () => Promise<unknown>, limitMs = 10_000): Promise<number> {
  const start = performance.now()
  for (;;) {
    const answer = await ask()
    if (JSON.stringify(answer) === JSON.stringify(wanted)) return performance.now() - start
    if (performance.now() - start > limitMs) throw new Error(`still ${JSON.stringify(answer)}`)
  }
}

describe('S15: ending a session ends its access tokens at once', () => {
  it('S15: rejects the very next request on the instance that ended the session', async () => {
    const tokens = await server.client().register(somebody())
    await server.client().logout(tokens.accessToken)
    expect(await meOn(server, tokens)).toEqual(over)
  })

  it('S15, S23: notifies the other instance, which then rejects the session', async () => {
    const tokens = await server.client().register(somebody())
    expect(await meOn(other, tokens)).toBeUndefined()
    await server.client().logout(tokens.accessToken)
    await until(over, () => meOn(other, tokens))
  })

  it('S15: rejects the session after reuse, after replacement and after a manual UPDATE', async () => {
    const person = somebody({ deviceId: 'one' })
    const replaced = await server.client().register(person)
    const current = await server.client().login({ ...credentials(person), deviceId: 'one' })
    expect(await meOn(server, replaced)).toEqual(over)

    const next = await server.client().refresh((await server.client().refresh(current.refreshToken)).refreshToken)
    await server.client().send(operations.refreshToken, { refreshToken: current.refreshToken })
    expect(await meOn(server, next)).toEqual(over)
    await until(over, () => meOn(other, next))

    const byHand = await server.client().register(somebody())
    await server.dataSource.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [byHand.session.id])
    await until(over, () => meOn(server, byHand))
    await until(over, () => meOn(other, byHand))
  })

  it.each([
    ['revokeSession', 'mutation ($session: ID!) { revokeSession(id: $session) }'],
    ['revokeOtherSessions', 'mutation { revokeOtherSessions }'],
    [
      'changePassword',
      'mutation ($password: String!) { changePassword(currentPassword: $password, newPassword: "a new password") }',
    ],
    ['revokeUserSessions', 'mutation ($user: ID!) { revokeUserSessions(userId: $user) }'],
  ])('S14, S15: %s takes effect on both instances', async (name, mutation) => {
    const person = somebody()
    const lost = await server.client().register(person)
    const own = await server.client().login(credentials(person))
    const by = name === 'revokeUserSessions' ? await registerAdmin(server) : own.accessToken
    const variables = { session: lost.session.id, user: lost.user.id, password: person.password }
    expect((await server.client().send(mutation, variables, by)).body.errors).toBeUndefined()
    expect(await meOn(server, lost)).toEqual(over)
    await until(over, () => meOn(other, lost))
    if (name !== 'revokeUserSessions') expect(await meOn(other, own)).toBeUndefined()
  })

  it('S15: authenticates without a query while the feed is up', async () => {
    const tokens = await server.client().register(somebody())
    const before = server.statements.length
    for (let i = 0; i < 100; i += 1) {
      await server.client().send('{ __typename me { __typename } }', {}, tokens.accessToken)
    }
    // One statement for the user's row, which is then kept; the last use is written separately now and then.
    const since = server.statements.slice(before).filter((statement) => !statement.includes('SET last_seen_at'))
    expect(since).toHaveLength(1)
  })

  it('S15: a new instance knows which sessions ended before it started', async () => {
    const tokens = await server.client().register(somebody())
    await server.client().logout(tokens.accessToken)
    const late = await startTestServer({}, { beside: server })
    try {
      const before = late.statements.length
      expect(await meOn(late, tokens)).toEqual(over)
      expect(late.statements.length).toBe(before)
    } finally {
      await late.stop()
    }
  })

  it('S15: queries the database for each request while the feed is lost, then catches up', async () => {
    const tokens = await server.client().register(somebody())
    expect(await meOn(other, tokens)).toBeUndefined()
    // Every feed connection is lost, as during a failover.
    await server.database.cutFeeds()
    await server.dataSource.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [tokens.session.id])
    await until(over, () => meOn(other, tokens))
    await until(over, () => meOn(server, tokens))
    const fresh = await server.client().register(somebody())
    expect(await meOn(other, fresh)).toBeUndefined()
    await until({ ready: true }, async () => ({ ready: (await fetch(`${other.url}/readyz`)).status === 200 }))
  })
})

it('S15: a server that cannot listen still starts, reports that it is not ready, and queries for each request', async () => {
  const nowhere = new URL(server.database.url)
  nowhere.port = '1'
  const deaf = await startTestServer({}, { beside: server, listenUrl: nowhere.href })
  try {
    expect((await fetch(`${deaf.url}/readyz`)).status).toBe(503)
    const tokens = await server.client().register(somebody())
    expect(await meOn(deaf, tokens)).toBeUndefined()
    await server.client().logout(tokens.accessToken)
    expect(await meOn(deaf, tokens)).toEqual(over)
  } finally {
    await deaf.stop()
  }
})

it('S15: rejects a token older than the current ACCESS_TOKEN_TTL, so that ended sessions are remembered long enough', async () => {
  const generous = await startTestServer({ ACCESS_TOKEN_TTL: '1h' }, { beside: server })
  try {
    const tokens = await generous.client().register(somebody())
    expect(await meOn(server, tokens)).toBeUndefined()
    await server.clock.advance({ seconds: 61 })
    expect(await meOn(generous, tokens)).toBeUndefined()
    expect(await meOn(server, tokens)).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' })
  } finally {
    await generous.stop()
  }
})

describe('S15: roles', () => {
  it('S15: applies a role change to the next request, on every instance', async () => {
    const admin = await registerAdmin(server)
    const person = await server.client().register(somebody())
    const users = async (instance: TestServer, token: string) =>
      refusal(await instance.client().send('{ users { edges { node { id } } } }', {}, token))
    expect(await users(other, person.accessToken)).toEqual({ code: 'FORBIDDEN' })
    await server
      .client()
      .send('mutation ($id: ID!) { setUserRole(userId: $id, role: ADMIN) { role } }', { id: person.user.id }, admin)
    expect(await users(server, person.accessToken)).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' })
    await until({ code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' }, () => users(other, person.accessToken))
    const refreshed = await other.client().refresh(person.refreshToken)
    expect(refreshed.user.role).toBe('ADMIN')
    expect(await users(other, refreshed.accessToken)).toBeUndefined()
  })

  it('S16: rejects the wrong role before anything runs, with FORBIDDEN and no refresh reason', async () => {
    const { accessToken, user } = await server.client().register(somebody())
    const before = server.statements.length
    const answer = await server
      .client()
      .send(
        'mutation ($id: ID!) { revokeUserSessions(userId: $id) setUserRole(userId: $id, role: ADMIN) { id } }',
        { id: user.id },
        accessToken,
      )
    expect(answer.status).toBe(200)
    expect(refusal(answer)).toEqual({ code: 'FORBIDDEN' })
    expect(server.statements.length).toBe(before)
  })
})
