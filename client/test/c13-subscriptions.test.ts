import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type SilentRefreshSocketOptions, silentRefreshSocket } from '../src/graphql-ws/silent-refresh-socket.ts'
import { createSession, type Session, SessionEndedError, type TokenGrant } from '../src/index.ts'
import { SocketServer } from './support/socket-server.ts'
import { settle, VirtualClock } from './support/virtual-clock.ts'

describe('C13: subscriptions survive expiry', () => {
  let server: SocketServer
  let session: Session
  let clock: VirtualClock
  let client: Client
  let refreshes: number
  let ticks: number[]
  let failures: unknown[]
  let answerRefresh: () => Promise<TokenGrant>

  const grant = (n: number): TokenGrant => ({
    accessToken: `access-${n}`,
    accessTokenExpiresIn: 3_600,
    refreshToken: `refresh-${n}`,
    userId: 'ada',
  })

  beforeEach(async () => {
    server = new SocketServer()
    await server.listening()
    refreshes = 0
    ticks = []
    failures = []
    answerRefresh = async () => grant(++refreshes)
    clock = new VirtualClock()
    session = createSession({ transport: { refresh: () => answerRefresh() }, refreshTimeoutMs: 400, clock })
    await session.accept(grant(0))
  })
  afterEach(async () => {
    await client.dispose()
    session.dispose()
    await server.close()
  })

  function subscribe(options: Partial<SilentRefreshSocketOptions> = {}): void {
    client = createClient(silentRefreshSocket(session, { url: server.url, webSocketImpl: WebSocket, ...options }))
    client.subscribe<{ ticks: number }>(
      { query: 'subscription { ticks }' },
      {
        next: ({ data }) => data && ticks.push(data.ticks),
        error: (error) => failures.push(error),
        complete: () => {},
      },
    )
  }

  const until = (condition: () => boolean): Promise<void> => clock.until(condition)
  const running = (): Promise<void> => until(() => server.running === 1)
  const ticked = async (): Promise<void> => {
    const { length } = ticks
    server.tick()
    await until(() => ticks.length === length + 1)
  }
  /** Closes all sockets as an expiry does, once they have been open long enough not to look refused. */
  const expire = async (): Promise<void> => {
    // The server, which knows the tokens best, closes the socket although the token seems good here.
    await clock.advance(60_000)
    const { length } = server.tokens
    server.expire()
    await until(() => server.tokens.length > length)
    await running()
  }

  it('C13: resumes a subscription after 4403 with a new token, at once and without using up a retry', async () => {
    subscribe({ retryAttempts: 1, retryWait: () => Promise.reject(new Error('an expiry waits for nothing')) })
    await running()
    await ticked()
    for (let expiry = 1; expiry <= 3; expiry++) {
      await expire()
      await ticked()
      expect(refreshes).toBe(expiry)
    }
    expect(server.tokens).toEqual(['access-0', 'access-1', 'access-2', 'access-3'])
    expect(ticks).toEqual([1, 2, 3, 4])
    expect(failures).toEqual([])
  })

  it('C13: resumes a subscription even with retries turned off', async () => {
    subscribe({ retryAttempts: 0 })
    await running()
    await expire()
    await ticked()
    expect(failures).toEqual([])
  })

  it('C13: reconnects when the session has a new token, before the server has to close the socket', async () => {
    subscribe()
    await running()
    const failed = await session.getAccessToken()
    await session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' })
    await until(() => server.tokens.length === 2)
    await running()
    await ticked()
    expect(server.tokens).toEqual(['access-0', 'access-1'])
    expect(failures).toEqual([])
  })

  it('C13: resumes both of two subscriptions on one socket', async () => {
    subscribe()
    const other: number[] = []
    client.subscribe<{ ticks: number }>(
      { query: 'subscription { ticks }' },
      {
        next: ({ data }) => data && other.push(data.ticks),
        error: (error) => failures.push(error),
        complete: () => {},
      },
    )
    await until(() => server.running === 2)
    await session.getAccessToken({ failed: 'access-0', reason: 'TOKEN_EXPIRED' })
    await until(() => server.tokens.length === 2 && server.running === 2)
    await ticked()
    await until(() => other.length === 1)
    expect(failures).toEqual([])
  })

  it('C13: gets a valid token before it connects', async () => {
    let release!: (value: TokenGrant) => void
    answerRefresh = () => new Promise((resolve) => (release = resolve))
    const renewing = session.getAccessToken({ failed: 'access-0', reason: 'TOKEN_EXPIRED' })
    subscribe()
    for (let turn = 0; turn < 20; turn++) await settle() // longer than a connection takes
    expect(server.sockets).toHaveLength(0)
    release(grant(7))
    await renewing
    await running()
    expect(server.tokens).toEqual(['access-7'])
  })

  it('C13: replaces a token that the server refuses on connecting, and continues the subscription', async () => {
    clock.sleep(60_000)
    server.accepts = (token) => token !== 'access-0'
    subscribe({ retryWait: async () => {} })
    await running()
    await ticked()
    expect(server.tokens).toEqual(['access-0', 'access-1'])
  })

  it('C13: ends the subscription after its retries, without a loop, when the server refuses every token', async () => {
    server.accepts = () => false
    subscribe({ retryAttempts: 3, retryWait: async () => {} })
    await until(() => failures.length === 1)
    expect(server.tokens.length).toBeLessThanOrEqual(4)
    expect(failures[0]).toMatchObject({ code: 4403 })
  })

  it('C13: waits before it reconnects when the very first token is refused', async () => {
    server.accepts = (token) => token !== 'access-0'
    const waits: number[] = []
    await clock.advance(6_000)
    subscribe({ retryWait: async (retries) => void waits.push(retries) })
    await running()
    expect(waits).toEqual([0])
  })

  it('C13: waits before it reconnects when a token is refused after a connection that was fine', async () => {
    const waits: number[] = []
    subscribe({ retryWait: async (retries) => void waits.push(retries) })
    await running()
    server.accepts = () => server.tokens.length !== 2
    await expire()
    expect(server.tokens).toHaveLength(3)
    // The first attempt after an expiry does not wait; the second one does.
    expect(waits).toEqual([1])
  })

  it('C13: waits longer each time, and gives up, when every token is accepted and then refused', async () => {
    const waits: number[] = []
    subscribe({
      retryAttempts: 3,
      retryWait: async (retries) => void waits.push(retries),
      on: { connected: () => server.expire() },
    })
    await until(() => failures.length === 1)
    expect(failures[0]).toMatchObject({ code: 4403 })
    expect(waits).toEqual([0, 1, 2])
    expect(server.tokens).toHaveLength(4)
    // A later subscription starts afresh.
    client.subscribe({ query: 'subscription { ticks }' }, { next() {}, error: (e) => failures.push(e), complete() {} })
    await until(() => failures.length === 2)
    expect(server.tokens).toHaveLength(8)
  })

  it.each([
    ['4401, by the option', { isUnauthenticated: ({ code }: CloseEvent) => code === 4401 }, 4401, 1],
    ['4403, which the option does not know', { isUnauthenticated: () => undefined }, 4403, 1],
    ['4403, which is something else by the option', { isUnauthenticated: () => false }, 4403, 0],
  ])('C13: replaces the token after close code %s', async (_, options, code, expected) => {
    subscribe({ ...options, retryWait: async () => {} })
    await running()
    await clock.advance(6_000)
    for (const socket of server.sockets) socket.close(code, 'Refused')
    await until(() => server.tokens.length === 2)
    await running()
    await ticked()
    expect(refreshes).toBe(expected)
    expect(failures).toEqual([])
  })

  it.each([
    ['TOKEN_EXPIRED', 'TOKEN_EXPIRED'],
    ['Forbidden', undefined],
  ])('C13: passes the close reason %s to the session if it is one', async (why, reason) => {
    const asked: unknown[] = []
    const { getAccessToken } = session
    session.getAccessToken = (request = {}) => {
      if (request.failed) asked.push(request)
      return getAccessToken(request)
    }
    subscribe()
    await running()
    await clock.advance(6_000)
    for (const socket of server.sockets) socket.close(4403, why)
    await until(() => server.tokens.length === 2)
    expect(asked).toEqual([{ failed: 'access-0', reason }])
  })

  it.each(['a string', 'a function'])('C8: sends no token to another server whose URL is %s', async (kind) => {
    session.checkUrl = (other, what) => {
      throw new TypeError(`Not our server: ${what} ${other}`)
    }
    subscribe({ url: kind === 'a string' ? server.url : async () => server.url })
    await until(() => failures.length === 1)
    expect(failures[0]).toMatchObject({ name: 'TypeError', message: `Not our server: other ${server.url}` })
    expect(server.tokens).toEqual([])
  })

  it('C13: ends subscriptions with SessionEndedError when the session has ended', async () => {
    subscribe()
    await running()
    answerRefresh = () => Promise.reject(new SessionEndedError('SESSION_REVOKED'))
    await clock.advance(60_000)
    server.expire()
    await until(() => failures.length === 1)
    expect(failures[0]).toMatchObject({ name: 'SessionEndedError', reason: 'SESSION_REVOKED' })
  })

  it('C13: treats a failed refresh as a failed connection, and retries', async () => {
    subscribe({ retryWait: async () => {} })
    await running()
    let broken = true
    answerRefresh = async () => {
      if (broken) throw new Error('503')
      return grant(++refreshes)
    }
    session.events.subscribe(({ type }) => {
      if (type === 'refreshFailed') broken = false
    })
    await clock.advance(60_000)
    server.expire()
    await until(() => server.tokens.length >= 2)
    await running()
    await ticked()
    expect(failures).toEqual([])
  })

  it('C13: connects again when the server wants a refresh again, and not before', async () => {
    subscribe({ retryAttempts: 2, retryWait: () => Promise.reject(new Error('the server has named the time')) })
    await running()
    const busy = Object.assign(new Error('429'), { retryAfterMs: 60_000 })
    let calls = 0
    answerRefresh = () => (calls++ === 0 ? Promise.reject(busy) : Promise.resolve(grant(1)))
    await clock.advance(60_000)
    const since = clock.now()
    server.expire()
    await until(() => server.tokens.length === 2)
    expect(clock.now() - since).toBeGreaterThanOrEqual(60_000)
    expect([calls, failures]).toEqual([2, []])
  })

  it('C13: connects again when the server could not be reached, and gives up after the retries', async () => {
    const nowhere = 'ws://127.0.0.1:1'
    let attempts = 0
    subscribe({ url: () => (++attempts > 3 ? server.url : nowhere) })
    await running()
    await ticked()
    expect([attempts, failures]).toEqual([4, []])
    await client.dispose()

    attempts = 0
    const url = (): string => {
      attempts++
      return nowhere
    }
    subscribe({ url, retryAttempts: 2 })
    await until(() => failures.length === 1)
    expect([attempts, failures]).toEqual([3, [expect.objectContaining({ type: 'error' })]])
  })

  it('C13: ends the subscription with close code 4503 when no retry gets a token', async () => {
    subscribe({ retryAttempts: 2, retryWait: async () => {} })
    await running()
    answerRefresh = () => Promise.reject(new Error('503'))
    await clock.advance(60_000)
    server.expire()
    await until(() => failures.length === 1)
    expect(failures[0]).toMatchObject({ code: 4503 })
    expect(server.tokens).toEqual(['access-0'])
  })

  it.each(['closes the socket', 'notices nothing'])(
    'C8: ends a subscription when another user signs in, and does not resume it as that user (server %s)',
    async (what) => {
      subscribe()
      await running()
      const bob = session.accept({ ...grant(0), userId: 'bob', accessToken: 'access-bob' })
      if (what === 'closes the socket') for (const socket of server.sockets) socket.terminate()
      const bobs: number[] = []
      client.subscribe<{ ticks: number }>(
        { query: 'subscription { ticks }' },
        {
          next: ({ data }) => data && bobs.push(data.ticks),
          error: (e) => bobs.push(-1, e as number),
          complete: () => {},
        },
      )
      await bob
      await until(() => failures.length === 1 && server.tokens.length === 2 && server.running === 1)
      server.tick()
      await until(() => bobs.length === 1)
      expect(failures[0]).toMatchObject({ name: 'SessionEndedError', reason: 'REPLACED' })
      expect(server.tokens).toEqual(['access-0', 'access-bob'])
      expect(ticks).toEqual([])
    },
  )

  it.each([
    ['another user signs in', () => session.accept({ ...grant(0), userId: 'bob', accessToken: 'b' }), 'REPLACED'],
    ['the user signs out', () => session.signOut(), 'SIGNED_OUT'],
  ])('C8: ends a subscription whose socket is still opening when %s', async (_, act, reason) => {
    let acting: Promise<unknown> | undefined
    subscribe({ on: { opened: () => (acting ??= act()) } })
    await until(() => failures.length === 1)
    await acting
    await until(() => server.running === 0)
    server.tick()
    expect(failures[0]).toMatchObject({ name: 'SessionEndedError', reason })
    expect(ticks).toEqual([])
  })

  it.each([
    ['another user signs in', () => session.accept({ ...grant(0), userId: 'bob', accessToken: 'b' }), 'REPLACED'],
    ['the user signs out', () => session.signOut(), 'SIGNED_OUT'],
  ])('C8: ends a subscription that waits to reconnect when %s', async (_, act, reason) => {
    let acted = false
    const retryWait = async () => {
      if (!acted) await act()
      acted = true
    }
    subscribe({ retryWait })
    await running()
    for (const socket of server.sockets) socket.terminate()
    await until(() => failures.length === 1)
    expect(failures[0]).toMatchObject({ name: 'SessionEndedError', reason })
    // A later subscription uses the state of the session at that time.
    const next: number[] = []
    client.subscribe<{ ticks: number }>(
      { query: 'subscription { ticks }' },
      { next: ({ data }) => data && next.push(data.ticks), error: (e) => failures.push(e), complete: () => {} },
    )
    await running()
    server.tick()
    await until(() => next.length === 1)
    expect([failures.length, ticks]).toEqual([1, []])
  })

  it('C8: ends a subscription at once when the session ends during a long retry delay', async () => {
    let isWaiting = false
    const retryWait = () => {
      isWaiting = true
      return new Promise<void>(() => {})
    }
    subscribe({ retryWait })
    await running()
    for (const socket of server.sockets) socket.terminate()
    await until(() => isWaiting)
    await session.signOut()
    await until(() => failures.length === 1)
    expect(failures[0]).toMatchObject({ name: 'SessionEndedError', reason: 'SIGNED_OUT' })
  })

  it('C13: ends the subscription at once on sign-out, even if the server is slow to close it', async () => {
    subscribe()
    await running()
    await session.signOut()
    await until(() => failures.length === 1 && server.running === 0)
    expect(failures[0]).toMatchObject({ name: 'SessionEndedError', reason: 'SIGNED_OUT' })
  })

  it('C13: reconnects with the new token after a sign-in, and after another one as the same user', async () => {
    await session.signOut()
    subscribe()
    await running()
    await session.accept({ ...grant(1), accessToken: 'first' })
    await until(() => server.tokens.length === 2)
    await running()
    await session.accept({ ...grant(2), accessToken: 'second' })
    await until(() => server.tokens.length === 3)
    await running()
    await ticked()
    expect(server.tokens).toEqual([undefined, 'first', 'second'])
    expect(failures).toEqual([])
  })

  it('C13: leaves connection parameters, listeners and signed-out connections to the caller', async () => {
    await session.signOut()
    const heard: string[] = []
    const given: unknown[] = []
    server.accepts = () => true
    subscribe({
      url: async () => server.url,
      connectionParams: async () => {
        given.push('asked')
        return { locale: 'en' }
      },
      on: { connected: () => heard.push('connected'), closed: () => heard.push('closed') },
    })
    await running()
    expect(server.tokens).toEqual([undefined])
    expect(given).toEqual(['asked'])
    await client.dispose()
    await until(() => heard.includes('closed'))
    expect(heard).toEqual(['connected', 'closed'])
  })
})
