import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { defaultSocketLimits } from '../src/http/sockets/socket-server.ts'
import { credentials, registerAdmin, somebody } from './support/people.ts'
import { operations, refusal, type Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { connect, openSocket, refusedHandshake, type TestSocket } from './support/test-socket.ts'
import { until } from './support/until.ts'

const EVENTS = 'subscription { securityEvent { type reason session { id current } } }'
const forbidden = { code: 4403, reason: 'Forbidden' }

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: 'https://app.example.com', TRUST_PROXY: '1' })
  other = await startTestServer({}, { beside: server })
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})

/** A socket on an instance that receives the user’s events from now on. */
async function watch(instance: TestServer, { accessToken }: Tokens): Promise<TestSocket> {
  const socket = await connect(instance.url, accessToken)
  await caughtUp(instance)
  await socket.subscribe(EVENTS)
  return socket
}

/** Waits until the instance has received everything so far: notifications arrive in the order of the events. */
async function caughtUp(instance: TestServer): Promise<void> {
  const { accessToken, user } = await instance.client().register(somebody())
  const socket = await connect(instance.url, accessToken)
  await socket.subscribe('subscription { securityEvent { id } }')
  const [{ id }] = await instance.dataSource.query(
    `INSERT INTO security_events (user_id, type) VALUES ($1, 'SIGNED_IN') RETURNING id`,
    [user.id],
  )
  await until(async () => (await eventOf(socket)).id === id)
  await socket.close()
}

const eventOf = async (socket: TestSocket) => (await socket.next()).payload.data.securityEvent

async function setRole(tokens: Tokens, role: string): Promise<void> {
  const admin = await registerAdmin(server)
  const query = 'mutation ($id: ID!, $role: Role!) { setUserRole(userId: $id, role: $role) { id } }'
  expect((await server.client().send(query, { id: tokens.user.id, role }, admin)).body.errors).toBeUndefined()
}

describe('S17: events', () => {
  it('S17: delivers all events of one instance to the user’s subscriber on the other', async () => {
    const person = somebody()
    const client = server.client()
    const here = await client.register(person)
    const socket = await watch(other, here)

    const lost = await client.login(credentials(person))
    expect(await eventOf(socket)).toMatchObject({ type: 'SIGNED_IN', session: { id: lost.session.id, current: false } })
    await client.send(operations.login, { input: { ...credentials(person), password: 'not the one' } })
    expect(await eventOf(socket)).toEqual({ type: 'SIGN_IN_FAILED', reason: null, session: null })

    await refreshFrom('203.0.113.7', lost.refreshToken)
    expect(await eventOf(socket)).toMatchObject({
      type: 'REFRESHED_FROM_NEW_ADDRESS',
      session: { id: lost.session.id },
    })
    await server.dataSource.query(`UPDATE sessions SET rotated_at = now() - interval '1 minute' WHERE id = $1`, [
      lost.session.id,
    ])
    await client.send(operations.refreshToken, { refreshToken: lost.refreshToken })
    const reused = [await eventOf(socket), await eventOf(socket)]
    expect(reused.map(({ type, reason }) => [type, reason])).toEqual(
      expect.arrayContaining([
        ['REFRESH_TOKEN_REUSED', null],
        ['SESSION_ENDED', 'REFRESH_TOKEN_REUSED'],
      ]),
    )

    const ended = await client.login(credentials(person))
    await eventOf(socket)
    await client.send('mutation ($id: ID!) { revokeSession(id: $id) }', { id: ended.session.id }, here.accessToken)
    expect(await eventOf(socket)).toMatchObject({ type: 'SESSION_ENDED', reason: 'REVOKED' })
    const change = 'mutation ($now: String!) { changePassword(currentPassword: $now, newPassword: "another one") }'
    await client.send(change, { now: person.password }, here.accessToken)
    expect(await eventOf(socket)).toEqual({
      type: 'PASSWORD_CHANGED',
      reason: null,
      session: { id: here.session.id, current: true },
    })
    await socket.close()

    // A role change closes the sockets of older tokens, so its event is read from the list.
    await setRole(here, 'ADMIN')
    const { accessToken } = await client.refresh(here.refreshToken)
    const list = await client.send('{ securityEvents { edges { node { type } } } }', {}, accessToken)
    const types: string[] = list.body.data?.securityEvents.edges.map(
      ({ node }: { node: { type: string } }) => node.type,
    )
    expect([...new Set(types)].toSorted()).toEqual([
      'PASSWORD_CHANGED',
      'REFRESHED_FROM_NEW_ADDRESS',
      'REFRESH_TOKEN_REUSED',
      'ROLE_CHANGED',
      'SESSION_ENDED',
      'SIGNED_IN',
      'SIGN_IN_FAILED',
    ])
  })

  it('S17: an instance loads an event once, and only if its user has a subscriber there', async () => {
    const tokens = await server.client().register(somebody())
    const sockets = [await watch(other, tokens), await watch(other, tokens)]
    const [atServer, atOther] = [server.statements.length, other.statements.length]
    await server.dataSource.query(`INSERT INTO security_events (user_id, type) VALUES ($1, 'SIGN_IN_FAILED')`, [
      tokens.user.id,
    ])
    for (const socket of sockets) expect(await eventOf(socket)).toMatchObject({ type: 'SIGN_IN_FAILED' })
    expect(other.statements.slice(atOther)).toHaveLength(1)
    expect(server.statements.slice(atServer)).toHaveLength(1) // the INSERT
    for (const socket of sockets) await socket.close()
  })

  it('S17: nobody receives another user’s events', async () => {
    const [ada, bob] = [await server.client().register(somebody()), await server.client().register(somebody())]
    const socket = await watch(server, ada)
    for (const { user } of [bob, ada]) {
      await server.dataSource.query('INSERT INTO security_events (user_id, type) VALUES ($1, $2)', [
        user.id,
        user === ada.user ? 'PASSWORD_CHANGED' : 'SIGN_IN_FAILED',
      ])
    }
    expect(await eventOf(socket)).toMatchObject({ type: 'PASSWORD_CHANGED' })
    await socket.close()
  })

  it('S17: delivers many concurrent events completely and in order until the subscription completes', async () => {
    const tokens = await server.client().register(somebody())
    const socket = await connect(server.url, tokens.accessToken)
    await caughtUp(server)
    await socket.subscribe('subscription { securityEvent { id } }')
    await server.dataSource.query(
      `INSERT INTO security_events (user_id, type) SELECT $1, 'SIGN_IN_FAILED' FROM generate_series(1, 50)`,
      [tokens.user.id],
    )
    const ids: number[] = []
    while (ids.length < 50) ids.push(Number((await eventOf(socket)).id))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    socket.send({ type: 'complete', id: '1' })
    await socket.subscribe('subscription { securityEvent { type } }')
    await server.client().logout() // no event of this user
    await server.dataSource.query(`INSERT INTO security_events (user_id, type) VALUES ($1, 'ROLE_CHANGED')`, [
      tokens.user.id,
    ])
    expect(await socket.next()).toEqual({
      type: 'next',
      id: '2',
      payload: { data: { securityEvent: { type: 'ROLE_CHANGED' } } },
    })
    await socket.close()
  })
})

describe('S17: a socket closes with its access token', () => {
  it('S15, S17: ending a session on one instance closes its sockets on the other, and no others', async () => {
    const person = somebody()
    const [ended, kept] = [await server.client().register(person), await server.client().login(credentials(person))]
    const sockets = [await watch(other, ended), await connect(server.url, ended.accessToken)]
    const stays = await watch(other, kept)
    await server.client().logout(ended.accessToken)
    for (const socket of sockets) expect(await socket.closed).toEqual(forbidden)
    expect(await eventOf(stays)).toMatchObject({ type: 'SESSION_ENDED', reason: 'SIGNED_OUT' })
    await stays.close()
  })

  it('S8, S17: refresh token reuse closes the sockets of the session on every instance', async () => {
    const tokens = await server.client().register(somebody())
    const sockets = [await watch(server, tokens), await watch(other, tokens)]
    await server.client().refresh(tokens.refreshToken)
    await server.dataSource.query(`UPDATE sessions SET rotated_at = now() - interval '1 minute' WHERE id = $1`, [
      tokens.session.id,
    ])
    await server.client().send(operations.refreshToken, { refreshToken: tokens.refreshToken })
    for (const socket of sockets) expect(await socket.closed).toEqual(forbidden)
  })

  it('S15, S17: a role change closes the user’s sockets, whose tokens count as expired', async () => {
    const tokens = await server.client().register(somebody())
    const sockets = [await watch(server, tokens), await watch(other, tokens)]
    await setRole(tokens, 'ADMIN')
    for (const socket of sockets) expect(await socket.closed).toEqual(forbidden)
    const next = await connect(other.url, (await other.client().refresh(tokens.refreshToken)).accessToken)
    await next.close()
  })

  it('S17: closes with 4403 when the access token expires, and not before', async () => {
    const brief = await startTestServer({ ACCESS_TOKEN_TTL: '2s' }, { beside: server })
    try {
      const tokens = await brief.client().register(somebody())
      const { exp } = JSON.parse(Buffer.from(tokens.accessToken.split('.')[1] ?? '', 'base64url').toString())
      const socket = await watch(brief, tokens)
      expect(await socket.closed).toEqual(forbidden)
      expect(brief.clock.nowMs()).toBeGreaterThanOrEqual(exp * 1000)
      expect((await (await openSocket(brief.url, tokens.accessToken)).closed).code).toBe(4403)
    } finally {
      await brief.stop()
    }
  })

  it('S15, S17: a session that ended while the feed was lost receives nothing, and its sockets close once the feed is back', async () => {
    const person = somebody()
    const [ended, kept] = [await server.client().register(person), await server.client().login(credentials(person))]
    const [idle, asking, stays] = [await watch(other, ended), await watch(other, ended), await watch(other, kept)]
    // No feed can reconnect until the test allows it, as during a failover.
    await server.database.allowConnections(false)
    try {
      await server.database.cutFeeds()
      await until(async () => (await fetch(`${other.url}/readyz`)).status === 503)
      await server.dataSource.query('UPDATE sessions SET revoked_at = now() WHERE id = $1', [ended.session.id])
      await asking.subscribe(EVENTS)
      expect(await asking.closed).toEqual(forbidden)
      expect(idle.socket.readyState).toBe(idle.socket.OPEN)
    } finally {
      await server.database.allowConnections(true)
    }
    expect(await idle.closed).toEqual(forbidden)
    await until(async () => (await fetch(`${other.url}/readyz`)).status === 200)
    await server.client().login(credentials(person))
    // Events from the meantime are only in the list; new ones are delivered again.
    expect(await eventOf(stays)).toMatchObject({ type: 'SIGNED_IN' })
    await stays.close()
  })
})

describe('S17: opening a socket', () => {
  it.each([
    ['a missing token', undefined],
    ['an empty payload', {}],
    ['a value that is not a string', { authorization: { Bearer: 'x' } }],
    ['a value that is not a token', { authorization: 'Bearer of good news' }],
  ])('S17: closes with 4403 and no explanation for %s', async (_, payload) => {
    const socket = await openSocket(server.url, null)
    socket.send({ type: 'connection_init', payload })
    expect(await socket.closed).toEqual(forbidden)
  })

  it('S17: accepts the name of the token in any case, as in a header', async () => {
    const { accessToken } = await server.client().register(somebody())
    const socket = await openSocket(server.url, null)
    socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${accessToken}` } })
    expect(await socket.next()).toMatchObject({ type: 'connection_ack' })
    await socket.close()
  })

  it('S17: closes with 4403 for a refresh token and for a token of an ended session', async () => {
    const tokens = await server.client().register(somebody())
    expect(await (await openSocket(server.url, tokens.refreshToken ?? '')).closed).toEqual(forbidden)
    await server.client().logout(tokens.accessToken)
    expect(await (await openSocket(server.url, tokens.accessToken)).closed).toEqual(forbidden)
  })

  it('S17: accepts pages of this host and of CORS_ORIGINS, and refuses others at the handshake with 403', async () => {
    const from = (origin: string) => refusedHandshake(`${server.url.replace('http', 'ws')}/graphql`, { origin })
    expect(await from(server.url)).toBeNull()
    expect(await from('https://app.example.com')).toBeNull()
    for (const origin of [
      'https://evil.example.com',
      'https://app.example.com.evil.example',
      'http://127.0.0.1:1',
      'null',
      'file://',
      'nonsense',
    ]) {
      expect([origin, await from(origin)]).toEqual([origin, 403])
    }
    expect(await refusedHandshake(`${server.url.replace('http', 'ws')}/other`)).toBe(404)
  })
})

describe('S17: operations over a socket', () => {
  const errorOf = async (socket: TestSocket) => {
    const { type, payload } = await socket.next()
    return [type, payload[0]?.extensions.code]
  }

  it('S17: runs only subscriptions, by the rules for requests', async () => {
    const tokens = await server.client().register(somebody())
    const strict = await startTestServer({ INTROSPECTION: 'false' }, { beside: server })
    const socket = await connect(strict.url, tokens.accessToken)
    const before = strict.statements.length
    for (const [query, code] of [
      ['{ me { id } }', 'BAD_USER_INPUT'],
      ['mutation { logout }', 'BAD_USER_INPUT'],
      ['subscription {', 'GRAPHQL_PARSE_FAILED'],
      ['subscription { securityEvents { id } }', 'GRAPHQL_VALIDATION_FAILED'],
      ['subscription { __typename }', 'GRAPHQL_VALIDATION_FAILED'],
      [
        'subscription A { securityEvent { id } } subscription B { securityEvent { id } }',
        'OPERATION_RESOLUTION_FAILURE',
      ],
      ['subscription ($yes: Boolean!) { securityEvent { id @include(if: $yes) } }', 'BAD_USER_INPUT'],
      [`subscription { securityEvent { ${'id '.repeat(3_000)} } }`, 'GRAPHQL_PARSE_FAILED'],
      [
        `subscription { securityEvent { ${Array.from({ length: 21 }, (_, n) => `a${n}: id`)} } }`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
    ] as const) {
      await socket.subscribe(query)
      expect([query, ...(await errorOf(socket))]).toEqual([query, 'error', code])
    }
    await socket.subscribe('subscription { securityEvent @skip(if: true) { id } }')
    expect((await socket.next()).payload.errors[0].extensions.code).toBe('BAD_USER_INPUT')
    expect((await socket.next()).type).toBe('complete')
    await socket.subscribe('subscription { securityEvnt { id } }')
    expect((await socket.next()).payload[0].message).toBe('Cannot query field "securityEvnt" on type "Subscription".')
    expect(strict.statements.length).toBe(before)
    await socket.close()
    await strict.stop()
  })

  it('S17: refuses a subscription sent as a request and names the WebSocket', async () => {
    const { accessToken } = await server.client().register(somebody())
    const answer = await server.client().send(EVENTS, {}, accessToken)
    expect([answer.status, refusal(answer)]).toEqual([400, { code: 'BAD_USER_INPUT' }])
    expect(answer.body.errors?.[0]?.message).toContain('WebSocket')
    expect(refusal(await server.client().send(EVENTS))).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' })
  })
})

describe('S17: limits', () => {
  let strict: TestServer
  beforeAll(async () => {
    const tight = { maxSocketsPerSession: 2, maxSubscriptions: 2 }
    strict = await startTestServer({}, { beside: server, socketLimits: { ...defaultSocketLimits, ...tight } })
  })
  afterAll(() => strict.stop())

  it('S17: limits the sockets of a session, and those of another session separately', async () => {
    const person = somebody()
    const [tokens, more] = [await server.client().register(person), await server.client().login(credentials(person))]
    const first = await connect(strict.url, tokens.accessToken)
    const second = await connect(strict.url, tokens.accessToken)
    expect(await (await openSocket(strict.url, tokens.accessToken)).closed).toEqual({
      code: 4429,
      reason: 'Too many connections of this session',
    })
    const another = await connect(strict.url, more.accessToken)
    await first.close()
    const third = await connect(strict.url, tokens.accessToken)
    for (const socket of [second, another, third]) await socket.close()
  })

  it('S17: limits the concurrent subscriptions of a socket', async () => {
    const socket = await watch(strict, await server.client().register(somebody()))
    await socket.subscribe(EVENTS)
    await socket.subscribe(EVENTS)
    expect(await socket.next()).toMatchObject({
      type: 'error',
      id: '3',
      payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    })
    await socket.close()
  })

  it('S17: closes the socket on a message of more than 100 kB', async () => {
    const socket = await connect(strict.url, (await server.client().register(somebody())).accessToken)
    socket.send({ type: 'ping', payload: { padding: 'x'.repeat(100 * 1024) } })
    expect((await socket.closed).code).toBe(1009)
  })

  it('S17: closes the socket on a malformed message and logs no error', async () => {
    const { accessToken } = await server.client().register(somebody())
    for (const text of ['nonsense', '{"type":"unheard of"}', '[]']) {
      const socket = await connect(strict.url, accessToken)
      socket.socket.send(text)
      expect([text, (await socket.closed).code]).toEqual([text, 4400])
    }
    const early = await openSocket(strict.url, null)
    early.send({ type: 'subscribe', id: '1', payload: { query: EVENTS } })
    expect((await early.closed).code).toBe(4401)
    expect(strict.logLines.filter((line) => JSON.parse(line).level >= 40)).toEqual([])
  })

  it('S17: closes a socket that does not authenticate in time, and terminates one that answers no ping', async () => {
    const tight = { initTimeoutMs: 500, keepAliveMs: 500 }
    const hasty = await startTestServer({}, { beside: server, socketLimits: { ...defaultSocketLimits, ...tight } })
    const { accessToken } = await server.client().register(somebody())
    const nameless = await openSocket(hasty.url, null)
    const dead = await openSocket(hasty.url, accessToken, { autoPong: false })
    expect((await nameless.closed).code).toBe(4408)
    expect((await dead.closed).code).toBe(1006)
    await until(() => hasty.app.openSockets() === 0)
    await hasty.stop()
  })

  it('S17: terminates a socket that sends without reading, long before a ping would', async () => {
    await until(() => server.app.openSockets() === 0)
    const { accessToken } = await server.client().register(somebody())
    const socket = await connect(server.url, accessToken)
    socket.socket.pause()
    const padding = 'x'.repeat(90 * 1024)
    await until(() => {
      if (socket.socket.readyState === socket.socket.OPEN) socket.send({ type: 'ping', payload: { padding } })
      return server.app.openSockets() === 0
    })
    socket.socket.terminate()
  }, 10_000)
})

describe('S17: stopping the server', () => {
  it('S17: stop() closes sockets with 1001 and does not wait for unresponsive ones', async () => {
    const instance = await startTestServer({}, { beside: server })
    const tokens = await server.client().register(somebody())
    const polite = await watch(instance, tokens)
    const frozen = await watch(instance, tokens)
    frozen.socket.pause()
    const silent = await openSocket(instance.url, null)
    await instance.stop()
    expect(await polite.closed).toEqual({ code: 1001, reason: 'Going away' })
    expect(await silent.closed).toEqual({ code: 1001, reason: 'Going away' })
    frozen.socket.terminate()
  }, 15_000)
})

async function refreshFrom(address: string, refreshToken: string | null): Promise<void> {
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ query: operations.refreshToken, variables: { refreshToken } }),
  })
  expect(await answer.json()).not.toHaveProperty('errors')
}
