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

/** Apollo Client 3 passes an unsubscription on by a timer of no length, which may set another. */
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

  describe.each(REFUSALS)('the server refuses by %s', (refusal) => {
    beforeEach(() => {
      server.refusal = refusal
    })

    it('C10: an operation after expiry is answered as if nothing had been', async () => {
      server.expire()
      expect(await me()).toEqual(ada)
      expect(server.refreshes).toBe(1)
      expect(server.count('me')).toBe(2)
      expect(events.map(({ type }) => type)).toContain('replayed')
    })

    it('C3: fifty operations refused at once cause one refresh', async () => {
      server.expire()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => me({ query: `query Q${i} { me { id } }` })),
      )
      for (const answer of answers) expect(answer).toEqual(ada)
      expect(server.refreshes).toBe(1)
      expect(server.count('me')).toBeLessThanOrEqual(100)
    })

    it('C4: a server that always says UNAUTHENTICATED gets one replay, and the caller its error', async () => {
      server.refusesAll = true
      const { failure } = await me()
      expect(failure).toBe(refusal === 'http 401, bare' ? 'HTTP 401' : 'UNAUTHENTICATED')
      expect(server.refreshes).toBe(1)
      expect(server.count('me')).toBe(2)
      expect(ended).toEqual([])
    })

    it('C4: a mutation at expiry runs once', async () => {
      server.expire()
      const query = refusal === 'http 200 with errors' ? 'mutation { guarded }' : 'mutation { increment }'
      expect((await me({ query })).failure).toBeUndefined()
      expect(server.counter).toBe(refusal === 'http 200 with errors' ? 0 : 1)
      expect(server.refreshes).toBe(1)
    })
  })

  it('C10: UNAUTHENTICATED in application/graphql-response+json is recognised too', async () => {
    server.contentType = 'application/graphql-response+json'
    server.expire()
    expect(await me()).toEqual(ada)
    expect(server.refreshes).toBe(1)
  })

  it('C10: UNAUTHENTICATED beside partial data of a query is replayed', async () => {
    server.refusal = 'http 200 with errors'
    server.expire()
    const answer = await me({ query: '{ me { id } maybe }' })
    expect(answer).toEqual({
      data: expect.objectContaining({ maybe: 'here', me: expect.objectContaining({ id: 'ada' }) }),
    })
    expect(server.refreshes).toBe(1)
  })

  it('C4: a mutation of which one of two root fields did run is not replayed', async () => {
    server.refusal = 'http 200 with errors'
    server.expire()
    const answer = await me({ query: 'mutation { increment guarded }' })
    expect(answer).toEqual({ data: { increment: 1, guarded: null }, failure: 'UNAUTHENTICATED' })
    expect(server.counter).toBe(1)
    expect(events).toContainEqual(expect.objectContaining({ type: 'notReplayed', why: 'didRun' }))
  })

  it('C4: a query of two root fields is replayed whole', async () => {
    server.expire()
    const answer = await me({ query: '{ serverTime me { id } }' })
    expect(answer).toEqual({ data: expect.objectContaining({ serverTime: 'now' }) })
    expect(server.count('serverTime')).toBe(2)
  })

  it.each(['drop', 'lose the answer', '503'] as const)(
    'C4: an operation is not sent again after "%s"',
    async (fault) => {
      server.faults = [fault]
      const { failure } = await me({ query: 'mutation { increment }' })
      expect(failure).toBe(fault === '503' ? 'HTTP 503' : 'network')
      expect(server.count('increment')).toBe(1)
      expect(server.refreshes).toBe(0)
    },
  )

  it('C10: FORBIDDEN starts no refresh', async () => {
    expect((await me({ query: '{ adminOnly }' })).failure).toBe('FORBIDDEN')
    expect(server.refreshes).toBe(0)
    expect(server.count('adminOnly')).toBe(1)
  })

  it('C10: a wrong password starts no refresh, also while signed in', async () => {
    const { failure } = await me({ query: 'mutation { login(password: "wrong") { accessToken } }' })
    expect(failure).toBe('INVALID_CREDENTIALS')
    expect(server.refreshes).toBe(0)
    expect(server.log.at(-1)?.authorization).toBeUndefined()
  })

  it('C10: a public operation carries no token and does not wait for a refresh', async () => {
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

  it('C2: a late refusal of an old token is answered with the present one, without a refresh', async () => {
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
    'C5: a refresh that suffers "%s" once is tried again',
    async (fault) => {
      server.refreshFaults = [fault]
      server.expire()
      expect(await clock.during(me())).toEqual(ada)
      expect(server.refreshes).toBe(2)
      expect(server.rotations).toBe(1)
      expect(ended).toEqual([])
    },
  )

  it('C5: an answer lost after the commit ends the session under strict rotation, with the reason', async () => {
    server.graceMs = 0
    server.refreshFaults = ['lose the answer']
    server.expire()
    expect((await clock.during(me())).failure).toBe('ended: REFRESH_TOKEN_REUSED')
    expect(ended).toEqual(['REFRESH_TOKEN_REUSED'])
  })

  it('C5: a refresh that hangs fails the operation for now; the next one tries afresh', async () => {
    await start(300)
    server.refreshFaults = ['hang']
    server.expire()
    expect((await clock.during(me())).failure).toBe('failed for now')
    expect(session.state).toBe('active')
    expect(await me()).toEqual(ada)
  })

  it('C6: a refused refresh rejects twelve that wait, once, and clears the store', async () => {
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

  it('C8: an answer that comes after another person has signed in does not reach that person', async () => {
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
    'C8: operations of one person that wait are not sent for the next (retry link before ours: %s)',
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
    it('C10: an operation whose context says that it is public carries no token', async () => {
      expect((await me({ isPublic: true })).failure).toBe('UNAUTHENTICATED')
      expect(server.log).toEqual([{ fields: ['me'], authorization: undefined }])
    })

    it('C10: fields named as public are so beside login and the like', async () => {
      await me({ query: '{ serverTime }' })
      await me({ query: 'mutation { login(password: "right") { accessToken } }' })
      expect(server.log).toEqual([
        { fields: ['serverTime'], authorization: undefined },
        { fields: ['login'], authorization: undefined },
      ])
    })

    it('C5: a retry link before ours tries a refresh that failed for now again', async () => {
      client = make(session, url, true)
      server.refreshFaults = Array(4).fill('503')
      server.expire()
      expect(await clock.during(me())).toEqual(ada)
      expect(server.refreshes).toBe(5)
    })
  }

  it('C6: what is under way when the session is disposed of is told so', async () => {
    const held = gate()
    server.gate = held.promise
    const slow = me()
    await arrived('me')
    session.dispose()
    held.open()
    expect((await slow).failure).toBe('ended: DISPOSED')
  })

  it('C9: an operation that is unsubscribed while it waits is not sent', async () => {
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

  it('C9: an operation unsubscribed while it waits for its first token is not sent at all', async () => {
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

  it('C8: sign-out during a refresh fails what waits, and the late token is ended at the server', async () => {
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

  it('C11: a visitor sends operations without a token, and no refresh', async () => {
    await session.signOut()
    expect((await me()).failure).toBe('UNAUTHENTICATED')
    expect((await me({ query: '{ serverTime }' })).data).toMatchObject({ serverTime: 'now' })
    expect(server.refreshes).toBe(0)
    expect(server.log.at(-1)?.authorization).toBeUndefined()
  })
})
