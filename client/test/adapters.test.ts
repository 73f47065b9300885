import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import {
  createSession,
  grantFromAuthPayload,
  graphqlTransport,
  type Session,
  type TimedSessionEvent,
} from '../src/index.ts'
import { type Answer, CLIENTS, type GraphqlClient, type MakeClient, type Operation } from './support/graphql-clients.ts'
import { HttpServer, type Refusal } from './support/http-server.ts'
import { settle, VirtualClock } from './support/virtual-clock.ts'

const ME = '{ me { id } }'
const REFUSALS: Refusal[] = ['http 401 with a GraphQL body', 'http 401, bare', 'http 200 with errors']

/** Apollo Client 3 forwards an unsubscription in a zero-length timer, which may set another one. */
async function timersOfApolloClient3(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve))
}

describe.each(Object.entries(CLIENTS))('%s, over real sockets', (name, load) => {
  const isApollo = name.startsWith('Apollo')
  let make: MakeClient
  let server: HttpServer
  let url: string
  let session: Session
  let clock: VirtualClock
  let client: GraphqlClient
  let events: TimedSessionEvent[]
  let ended: string[]

  beforeAll(async () => {
    make = await load()
  })
  beforeEach(async () => {
    server = new HttpServer()
    url = await server.listen()
    await start()
  })
  afterEach(async () => {
    session.dispose()
    await server.close()
  })

  async function start(refreshTimeoutMs = 60_000): Promise<void> {
    session?.dispose()
    clock = new VirtualClock()
    events = []
    ended = []
    session = createSession({
      transport: graphqlTransport({ url, tokenTransport: 'BODY' }),
      refreshTimeoutMs,
      clock,
      onSessionEnded: (reason) => ended.push(reason),
    })
    session.events.subscribe((event) => events.push(event))
    client = make(session, url)
    await session.accept(grantFromAuthPayload(server.signIn()))
    // The token is not so young that its refusal would be put down to a server that does not know it yet.
    clock.sleep(60_000)
  }

  const me = (more: Partial<Operation> = {}): Promise<Answer> => client.run({ query: ME, ...more })
  const ada: Answer = { data: { me: expect.objectContaining({ id: 'ada' }) } }
  const gate = (): { promise: Promise<void>; open: () => void } => {
    let open!: () => void
    return { promise: new Promise<void>((resolve) => (open = resolve)), open }
  }
  const arrived = async (field: string, times = 1): Promise<void> => {
    await clock.until(() => server.count(field) >= times)
  }

  describe.each(REFUSALS)('the server refuses with %s', (refusal) => {
    beforeEach(() => {
      server.refusal = refusal
    })

    it('C10: refreshes and replays an operation after expiry, unnoticed by the caller', async () => {
      server.expire()
      expect(await me()).toEqual(ada)
      expect(server.refreshes).toBe(1)
      expect(server.count('me')).toBe(2)
      expect(events.map(({ type }) => type)).toContain('replayed')
    })

    it('C3: refreshes once for fifty operations refused at the same time', async () => {
      server.expire()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => me({ query: `query Q${i} { me { id } }` })),
      )
      for (const answer of answers) expect(answer).toEqual(ada)
      expect(server.refreshes).toBe(1)
      expect(server.count('me')).toBeLessThanOrEqual(100)
    })

    it('C4: replays once when the server always says UNAUTHENTICATED, and passes its error to the caller', async () => {
      server.refusesAll = true
      const { failure } = await me()
      expect(failure).toBe(refusal === 'http 401, bare' ? 'HTTP 401' : 'UNAUTHENTICATED')
      expect(server.refreshes).toBe(1)
      expect(server.count('me')).toBe(2)
      expect(ended).toEqual([])
    })

    it('C4: runs a mutation once at expiry', async () => {
      server.expire()
      const query = refusal === 'http 200 with errors' ? 'mutation { guarded }' : 'mutation { increment }'
      expect((await me({ query })).failure).toBeUndefined()
      expect(server.counter).toBe(refusal === 'http 200 with errors' ? 0 : 1)
      expect(server.refreshes).toBe(1)
    })
  })

  it('C10: recognises UNAUTHENTICATED in application/graphql-response+json', async () => {
    server.contentType = 'application/graphql-response+json'
    server.expire()
    expect(await me()).toEqual(ada)
    expect(server.refreshes).toBe(1)
  })

  it('C10: replays a query answered with partial data and UNAUTHENTICATED', async () => {
    server.refusal = 'http 200 with errors'
    server.expire()
    const answer = await me({ query: '{ me { id } maybe }' })
    expect(answer).toEqual({
      data: expect.objectContaining({ maybe: 'here', me: expect.objectContaining({ id: 'ada' }) }),
    })
    expect(server.refreshes).toBe(1)
  })

  it('C4: does not replay a mutation when one of its two root fields has run', async () => {
    server.refusal = 'http 200 with errors'
    server.expire()
    const answer = await me({ query: 'mutation { increment guarded }' })
    expect(answer).toEqual({ data: { increment: 1, guarded: null }, failure: 'UNAUTHENTICATED' })
    expect(server.counter).toBe(1)
    expect(events).toContainEqual(expect.objectContaining({ type: 'notReplayed', why: 'didRun' }))
  })

  it('C4: replays a query of two root fields as a whole', async () => {
    server.expire()
    const answer = await me({ query: '{ serverTime me { id } }' })
    expect(answer).toEqual({ data: expect.objectContaining({ serverTime: 'now' }) })
    expect(server.count('serverTime')).toBe(2)
  })

  it.each(['drop', 'lose the answer', '503'] as const)(
    'C4: does not resend an operation after the fault "%s"',
    async (fault) => {
      server.faults = [fault]
      const { failure } = await me({ query: 'mutation { increment }' })
      expect(failure).toBe(fault === '503' ? 'HTTP 503' : 'network')
      expect(server.count('increment')).toBe(1)
      expect(server.refreshes).toBe(0)
    },
  )

  it('C10: does not refresh after FORBIDDEN', async () => {
    expect((await me({ query: '{ adminOnly }' })).failure).toBe('FORBIDDEN')
    expect(server.refreshes).toBe(0)
    expect(server.count('adminOnly')).toBe(1)
  })

  it('C10: does not refresh after a wrong password, even while signed in', async () => {
    const { failure } = await me({ query: 'mutation { login(password: "wrong") { accessToken } }' })
    expect(failure).toBe('INVALID_CREDENTIALS')
    expect(server.refreshes).toBe(0)
    expect(server.log.at(-1)?.authorization).toBeUndefined()
  })

  it('C10: sends a public operation without a token and without waiting for a refresh', async () => {
    const held = gate()
    server.refreshGate = held.promise
    server.expire()
    const waiting = me()
    await arrived('refreshToken')
    const { data } = await me({ query: 'mutation { login(password: "right") { accessToken } }' })
    expect(data).toBeDefined()
    expect(server.log.at(-1)?.authorization).toBeUndefined()
    held.open()
    await waiting
  })

  it('C2: replays an operation with the current token, without a refresh, when an old token is refused late', async () => {
    const held = gate()
    server.refusal = 'http 200 with errors'
    server.gate = held.promise
    server.expire()
    const late = me()
    await arrived('me')
    server.gate = Promise.resolve()
    await me({ query: 'query Other { me { id } }' })
    expect(server.refreshes).toBe(1)
    held.open()
    expect(await late).toEqual(ada)
    expect(server.refreshes).toBe(1)
  })

  it.each(['drop', '503', 'lose the answer', 'html', 'rate limit'] as const)(
    'C5: retries a refresh after the fault "%s"',
    async (fault) => {
      server.refreshFaults = [fault]
      server.expire()
      expect(await clock.during(me())).toEqual(ada)
      expect(server.refreshes).toBe(2)
      expect(server.rotations).toBe(1)
      expect(ended).toEqual([])
    },
  )

  it('C5: ends the session with its reason if an answer is lost after the commit and there is no grace period', async () => {
    server.graceMs = 0
    server.refreshFaults = ['lose the answer']
    server.expire()
    expect((await clock.during(me())).failure).toBe('ended: REFRESH_TOKEN_REUSED')
    expect(ended).toEqual(['REFRESH_TOKEN_REUSED'])
  })

  it('C5: rejects the operation when its refresh hangs, and refreshes again for the next one', async () => {
    await start(300)
    server.refreshFaults = ['hang']
    server.expire()
    expect((await clock.during(me())).failure).toBe('failed for now')
    expect(session.state).toBe('active')
    expect(await me()).toEqual(ada)
  })

  it('C6: rejects twelve waiting operations when the refresh is refused, and clears the store', async () => {
    await me()
    if (isApollo) expect(client.stored()).toContain('me')
    server.revoke()
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => me({ query: `query Q${i} { me { id } }` })))
    for (const { failure } of answers) expect(failure).toBe('ended: SESSION_REVOKED')
    expect(ended).toEqual(['SESSION_REVOKED'])
    expect(server.refreshes).toBe(1)
    expect(client.stored()).toEqual([])
    expect((await me()).failure).toBe('UNAUTHENTICATED')
    expect(server.refreshes).toBe(1)
  })

  it('C8: withholds an answer that arrives after another user has signed in', async () => {
    const held = gate()
    server.gate = held.promise
    const slow = me()
    await arrived('me')
    await session.accept(grantFromAuthPayload(server.signIn('bob')))
    server.gate = Promise.resolve()
    held.open()
    const { data, failure } = await slow
    expect(data).toBeUndefined()
    expect(failure).toMatch(/ended|network/)
    expect(client.stored()).not.toContain('me')
    expect(await me()).toEqual({ data: { me: expect.objectContaining({ id: 'bob' }) } })
  })

  it.each(isApollo ? [false, true] : [false])(
    'C8: does not send waiting operations of one user as the next user (retry link before ours: %s)',
    async (retries) => {
      client = make(session, url, retries)
      const held = gate()
      server.refreshGate = held.promise
      server.expire()
      const waiting = me({ query: 'mutation { increment }' })
      await arrived('refreshToken')
      await session.accept(grantFromAuthPayload(server.signIn('bob')))
      expect((await waiting).failure).toBe('ended: REPLACED')
      held.open()
      expect(server.counter).toBe(0)
      expect(server.count('increment')).toBe(1)
    },
  )

  if (isApollo) {
    it('C10: sends an operation without a token when its context marks it as public', async () => {
      expect((await me({ isPublic: true })).failure).toBe('UNAUTHENTICATED')
      expect(server.log).toEqual([{ fields: ['me'], authorization: undefined }])
    })

    it('C10: treats configured fields as public, in addition to the default ones', async () => {
      await me({ query: '{ serverTime }' })
      await me({ query: 'mutation { login(password: "right") { accessToken } }' })
      expect(server.log).toEqual([
        { fields: ['serverTime'], authorization: undefined },
        { fields: ['login'], authorization: undefined },
      ])
    })

    it('C5: lets a retry link before ours retry a failed refresh', async () => {
      client = make(session, url, true)
      server.refreshFaults = Array(4).fill('503')
      server.expire()
      expect(await clock.during(me())).toEqual(ada)
      expect(server.refreshes).toBe(5)
    })
  }

  it('C6: rejects pending operations with DISPOSED when the session is disposed', async () => {
    const held = gate()
    server.gate = held.promise
    const slow = me()
    await arrived('me')
    session.dispose()
    held.open()
    expect((await slow).failure).toBe('ended: DISPOSED')
  })

  it('C9: does not replay an operation that is unsubscribed while it waits', async () => {
    const held = gate()
    server.refreshGate = held.promise
    server.expire()
    const abort = new AbortController()
    const leaving = me({ query: 'query Leaving { me { id } }', signal: abort.signal })
    const staying = me({ query: 'query Staying { me { id } maybe }' })
    await arrived('refreshToken')
    await arrived('me', 2)
    abort.abort()
    expect((await leaving).failure).toBe('unsubscribed')
    await timersOfApolloClient3()
    held.open()
    expect((await staying).data).toMatchObject({ maybe: 'here' })
    expect(server.count('me')).toBe(3)
    expect(server.refreshes).toBe(1)
  })

  it('C9: never sends an operation that is unsubscribed while it waits for its first token', async () => {
    const held = gate()
    server.refreshGate = held.promise
    server.expire()
    const first = me()
    await arrived('refreshToken')
    const abort = new AbortController()
    const leaving = me({ query: 'query Leaving { me { id } }', signal: abort.signal })
    await settle()
    abort.abort()
    await leaving
    held.open()
    expect(await first).toEqual(ada)
    expect(server.count('me')).toBe(2)
  })

  it('C8: rejects waiting operations on sign-out during a refresh, and revokes the late token on the server', async () => {
    const held = gate()
    server.refreshGate = held.promise
    server.expire()
    const waiting = me()
    await arrived('refreshToken')
    const leaving = session.signOut()
    expect((await waiting).failure).toBe('ended: SIGNED_OUT')
    expect(await leaving).toBe(true)
    held.open()
    await arrived('logout', 2)
    expect(server.isLive).toBe(false)
    expect(session.state).toBe('signedOut')
  })

  it('C11: sends the operations of a signed-out visitor without a token and without a refresh', async () => {
    await session.signOut()
    expect((await me()).failure).toBe('UNAUTHENTICATED')
    expect((await me({ query: '{ serverTime }' })).data).toMatchObject({ serverTime: 'now' })
    expect(server.refreshes).toBe(0)
    expect(server.log.at(-1)?.authorization).toBeUndefined()
  })
})
