import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Client, type ClientOptions, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { silentRefreshSocket } from '../src/graphql-ws/silent-refresh-socket.ts'
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

  function subscribe(options: Partial<ClientOptions> = {}): void {
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
  /** Closes all sockets as an expiry does, after they have lived long enough not to look like a refusal. */
  const expire = async (): Promise<void> => {
    await clock.advance(1_050)
    const { length } = server.tokens
    server.expire()
    await until(() => server.tokens.length > length)
    await running()
  }

  it('C13: a subscription goes on after 4403 with a fresh token, at once and without a retry used up', async () => {
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

  it('C13: also with retries turned off', async () => {
    subscribe({ retryAttempts: 0 })
    await running()
    await expire()
    await ticked()
    expect(failures).toEqual([])
  })

  it('C13: the socket connects anew when the session has another token, before the server has to close it', async () => {
    subscribe()
    await running()
    const failed = await session.getAccessToken()
    await session.getAccessToken({ failed })
    await until(() => server.tokens.length === 2)
    await running()
    await ticked()
    expect(server.tokens).toEqual(['access-0', 'access-1'])
    expect(failures).toEqual([])
  })

  it('C13: two subscriptions on one socket both go on', async () => {
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
    await session.getAccessToken({ failed: 'access-0' })
    await until(() => server.tokens.length === 2 && server.running === 2)
    await ticked()
    await until(() => other.length === 1)
    expect(failures).toEqual([])
  })

  it('C13: the socket asks for a good token before it connects', async () => {
    let release!: (value: TokenGrant) => void
    answerRefresh = () => new Promise((resolve) => (release = resolve))
    const renewing = session.getAccessToken({ failed: 'access-0' })
    subscribe()
    for (let turn = 0; turn < 20; turn++) await settle() // longer than a connection takes
    expect(server.sockets).toHaveLength(0)
    release(grant(7))
    await renewing
    await running()
    expect(server.tokens).toEqual(['access-7'])
  })

  it('C13: a token the server refuses at the start is renewed, and the subscription goes on', async () => {
    server.accepts = (token) => token !== 'access-0'
    subscribe({ retryWait: async () => {} })
    await running()
    await ticked()
    expect(server.tokens).toEqual(['access-0', 'access-1'])
  })

  it('C13: a server that refuses every token ends the subscription after its retries: no loop', async () => {
    server.accepts = () => false
    subscribe({ retryAttempts: 3, retryWait: async () => {} })
    await until(() => failures.length === 1)
    expect(server.tokens.length).toBeLessThanOrEqual(4)
    expect(failures[0]).toMatchObject({ code: 4403 })
  })

  it('C13: when the session has ended, subscriptions end with SessionEndedError', async () => {
    subscribe()
    await running()
    answerRefresh = () => Promise.reject(new SessionEndedError('SESSION_REVOKED'))
    await clock.advance(1_050)
    server.expire()
    await until(() => failures.length === 1)
    expect(failures[0]).toMatchObject({ name: 'SessionEndedError', reason: 'SESSION_REVOKED' })
  })

  it('C13: a refresh that fails for now is a failed connection: it is tried again', async () => {
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
    await clock.advance(1_050)
    server.expire()
    await until(() => server.tokens.length >= 2)
    await running()
    await ticked()
    expect(failures).toEqual([])
  })

  it('C13: with no token to be had through all retries, the subscription ends with close code 4503', async () => {
    subscribe({ retryAttempts: 2, retryWait: async () => {} })
    await running()
    answerRefresh = () => Promise.reject(new Error('503'))
    await clock.advance(1_050)
    server.expire()
    await until(() => failures.length === 1)
    expect(failures[0]).toMatchObject({ code: 4503 })
    expect(server.tokens).toEqual(['access-0'])
  })

  it.each(['closes the socket', 'notices nothing'])(
    'C8: a subscription ends when another person signs in, and does not go on as that person (server %s)',
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
    ['another person signs in', () => session.accept({ ...grant(0), userId: 'bob', accessToken: 'b' }), 'REPLACED'],
    ['the person signs out', () => session.signOut(), 'SIGNED_OUT'],
  ])('C8: a subscription whose socket is still being opened when %s ends too', async (_, act, reason) => {
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
    ['another person signs in', () => session.accept({ ...grant(0), userId: 'bob', accessToken: 'b' }), 'REPLACED'],
    ['the person signs out', () => session.signOut(), 'SIGNED_OUT'],
  ])('C8: a subscription that waits to connect anew when %s ends too', async (_, act, reason) => {
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
    // Whoever subscribes then does so as themselves.
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

  it('C8: who waits out a long pause before the next try is told at once when the session ends', async () => {
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

  it('C13: a sign-out ends the subscription at once, also when the server is slow to close it', async () => {
    subscribe()
    await running()
    await session.signOut()
    await until(() => failures.length === 1 && server.running === 0)
    expect(failures[0]).toMatchObject({ name: 'SessionEndedError', reason: 'SIGNED_OUT' })
  })

  it('C13: signing in again as the same person, or after a visit, goes on with the new token', async () => {
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

  it('C13: connection parameters, listeners and a visitor’s connection are the caller’s own', async () => {
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
