import { afterEach, describe, expect, it } from '@jest/globals'
import { RefreshFailedError, type RefreshRequest, type TokenGrant } from '../src/session/index.ts'
import type { Fault } from './support/auth-server.ts'
import { follow, World } from './support/tabs.ts'

describe('C5: only the server ends a session', () => {
  let world: World
  afterEach(() => world.dispose())

  it.each<Fault>(['dropped', 'unavailable', 'answerLost'])(
    'C5: retries a refresh after one fault (%s)',
    async (fault) => {
      world = new World()
      const { session, ended, events } = await world.signedIn()
      await world.expire()
      world.server.faults = [fault]
      const operation = follow(session.getAccessToken())
      await world.clock.advance(1_000)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
      expect(world.server.refreshCalls).toBe(2)
      expect(world.server.rotations).toBe(1)
      expect(ended).toEqual([])
      expect(events.filter(({ type }) => type === 'refreshRetried')).toHaveLength(1)
    },
  )

  it('C5: ends the session when an answer is lost after the commit and there is no grace period', async () => {
    world = new World({ graceMs: 0 })
    const { session, ended } = await world.signedIn()
    await world.expire()
    world.server.faults = ['answerLost']
    const operation = follow(session.getAccessToken())
    await world.clock.advance(1_000)
    expect(operation.outcome).toBe('ended: REFRESH_TOKEN_REUSED')
    expect(ended).toEqual(['REFRESH_TOKEN_REUSED'])
  })

  it.each<Fault>(['dropped', 'unavailable'])(
    'C5: rejects waiting operations and keeps the session when every refresh fails (%s)',
    async (fault) => {
      world = new World()
      const { session, ended } = await world.signedIn()
      await world.expire()
      world.server.faults = Array(4).fill(fault)
      const operations = Array.from({ length: 12 }, () => follow(session.getAccessToken()))
      await world.clock.advance(3_000)
      for (const { outcome } of operations) expect(outcome).toBe('failed for now')
      expect(world.server.refreshCalls).toBe(4)
      expect(session.state).toBe('active')
      expect(ended).toEqual([])

      const next = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(world.server.accepts(next.outcome)).toBe('ada')
    },
  )

  it.each([
    {},
    null,
    undefined,
    { accessToken: 'new', accessTokenExpiresIn: 60 },
    { accessToken: 'new', accessTokenExpiresIn: 60, userId: '' },
    { accessTokenExpiresIn: 60, userId: 'ada' },
    { accessToken: 'new', accessTokenExpiresIn: 60, userId: 'ada', refreshToken: 7 },
  ])('C5: treats a refresh without a user, or without a usable token, as transient: %j', async (answer) => {
    world = new World()
    const refresh = () => Promise.resolve(answer as TokenGrant)
    const { session, ended } = await world.signedIn('ada', { transport: { refresh } })
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(3_000)
    expect(operation.outcome).toBe('failed for now')
    expect(session.userId).toBe('ada')
    expect(ended).toEqual([])
  })

  it('C5: aborts a hanging refresh after 10 s, and refreshes again for the next operation', async () => {
    world = new World()
    const { session, ended } = await world.signedIn()
    await world.expire()
    world.server.faults = ['hangs']
    const operation = follow(session.getAccessToken())
    await world.clock.advance(9_999)
    expect(operation.outcome).toBe('pending')
    await world.clock.advance(1)
    expect(operation.outcome).toBe('failed for now')
    expect(ended).toEqual([])
    const next = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(next.outcome)).toBe('ada')
  })

  it('C5: uses the answer that arrived while the tab was frozen past the timeout', async () => {
    world = new World()
    let answer!: (grant: TokenGrant) => void
    const { session } = await world.signedIn('ada', {
      // On waking, due timers run first and network answers after them.
      transport: { refresh: () => new Promise((resolve) => (answer = resolve)) },
    })
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(50)
    world.clock.setTimer(() => answer(world.server.signIn('ada')), 9_950)
    world.clock.sleep(60_000)
    await world.clock.advance(0)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
  })

  it('C5: uses an answer that arrives after the timeout if nothing has changed since', async () => {
    world = new World({ graceMs: 0 })
    let answer!: (grant: TokenGrant) => void
    const inner = world.server.transport()
    let calls = 0
    const { session } = await world.signedIn('ada', {
      transport: {
        refresh(request) {
          if (calls++ > 0) return inner.refresh(request)
          // A transport that ignores its signal.
          return new Promise((resolve) => {
            answer = resolve
          })
        },
      },
    })
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(10_000)
    expect(operation.outcome).toBe('failed for now')
    const { signal } = new AbortController()
    const late = inner.refresh({ refreshToken: 'ada-1.0', signal })
    await world.clock.advance(100)
    answer(await late)
    await world.clock.advance(0)
    const next = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(next.outcome)).toBe('ada')
    expect(calls).toBe(1)
  })

  it('C5: keeps all retries within one total time limit', async () => {
    world = new World()
    const { session } = await world.signedIn('ada', { refreshTimeoutMs: 600 })
    await world.expire()
    world.server.faults = Array(9).fill('dropped')
    const operation = follow(session.getAccessToken())
    await world.clock.advance(600)
    expect(operation.outcome).toBe('failed for now')
    expect(world.server.refreshCalls).toBe(2)
  })

  it('C5: does not retry if the server asks to wait longer than the limit, and reports the wait', async () => {
    world = new World()
    let calls = 0
    const { session } = await world.signedIn('ada', {
      transport: {
        refresh: () => {
          calls++
          return Promise.reject(Object.assign(new Error('RATE_LIMITED'), { retryAfterMs: 30_000 }))
        },
      },
    })
    await world.expire()
    const error = await session.getAccessToken().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error).toMatchObject({ retryAfterMs: 30_000, cause: { message: 'RATE_LIMITED' } })
    expect(calls).toBe(1)
  })

  it('C5: retries after the wait the server asks for', async () => {
    world = new World()
    const inner = world.server.transport()
    let calls = 0
    const { session } = await world.signedIn('ada', {
      transport: {
        refresh: (request) =>
          calls++ === 0
            ? Promise.reject(Object.assign(new Error('RATE_LIMITED'), { retryAfterMs: 2_000 }))
            : inner.refresh(request),
      },
    })
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(1_999)
    expect(calls).toBe(1)
    await world.clock.advance(101)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
  })

  it('C5: a failed refresh ahead of time affects no operation', async () => {
    world = new World()
    const { session, ended } = await world.signedIn()
    const first = await session.getAccessToken()
    world.server.faults = Array(4).fill('dropped')
    await world.clock.advance(53_000)
    expect(world.server.refreshCalls).toBe(4)
    expect(await session.getAccessToken()).toBe(first)
    expect(ended).toEqual([])
    // Retried automatically before the token expires.
    await world.clock.advance(5_000)
    expect(world.server.refreshCalls).toBe(5)
    expect(await session.getAccessToken()).not.toBe(first)
  })

  it('C5: does not ask a server that limits refreshes for every operation of a steady stream', async () => {
    world = new World()
    let calls = 0
    const busy = Object.assign(new Error('RATE_LIMITED'), { retryAfterMs: 30_000 })
    const { session } = await world.signedIn('ada', {
      transport: { refresh: () => Promise.reject(++calls && busy) },
    })
    for (let ms = 0; ms < 59_000; ms += 100) {
      expect(world.server.accepts(await session.getAccessToken())).toBe('ada')
      await world.clock.advance(100)
    }
    expect(calls).toBe(1)
  })

  describe('a server that wants no refresh for a while', () => {
    const busy = (retryAfterMs: number): Error => Object.assign(new Error('RATE_LIMITED'), { retryAfterMs })
    /** A transport whose next `waits.length` calls are refused. */
    const transport = (waits: number[]) => {
      const inner = world.server.transport()
      return {
        ...inner,
        refresh: (request: RefreshRequest) => {
          const waitMs = waits.shift()
          if (waitMs === undefined) return inner.refresh(request)
          world.server.refreshCalls++
          return Promise.reject(busy(waitMs))
        },
      }
    }
    const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)

    it.each(['needed', 'refused'])('C5: gets one call for 20 operations, which fail at once (%s)', async (cause) => {
      world = new World()
      const { session, ended } = await world.signedIn('ada', { transport: transport([60_000]) })
      const failed = cause === 'refused' ? await session.getAccessToken() : null
      if (!failed) await world.expire()
      const request = { failed, reason: 'TOKEN_EXPIRED' }
      expect(await failure(session.getAccessToken(request))).toMatchObject({ retryAfterMs: 60_000 })
      await world.clock.advance(15_000)
      for (let operation = 0; operation < 20; operation++) {
        const error = await failure(session.getAccessToken(request))
        expect(error).toBeInstanceOf(RefreshFailedError)
        expect(error).toMatchObject({ retryAfterMs: 45_000, cause: { message: 'RATE_LIMITED' } })
        expect(String(error)).toContain('45 s')
      }
      await session.wake()
      await world.clock.advance(44_999)
      expect(world.server.refreshCalls).toBe(1)
      await world.clock.advance(1)
      const next = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(world.server.accepts(next.outcome)).toBe('ada')
      expect(world.server.refreshCalls).toBe(2)
      expect(ended).toEqual([])
    })

    it('C5: a field that is refused for no clear reason does not take the token from the others', async () => {
      world = new World({ lifetimeSeconds: 600 })
      const { session } = await world.signedIn('ada', { transport: transport([60_000]) })
      await world.clock.advance(200_000)
      const token = await session.getAccessToken()
      expect(await failure(session.getAccessToken({ failed: token, reason: 'TOKEN_EXPIRED' }))).toMatchObject({
        retryAfterMs: 60_000,
      })
      await world.clock.advance(60_000)
      const renewed = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(world.server.accepts(renewed.outcome)).toBe('ada')
    })

    it('C5: is not asked ahead of time, either', async () => {
      world = new World()
      const { session, page } = await world.signedIn('ada', { transport: transport([30_000]) })
      await session.getAccessToken()
      await world.clock.advance(50_200) // due after 50.15 s
      for (let ms = 0; ms < 29_900; ms += 2_990) {
        expect(world.server.refreshCalls).toBe(1)
        page.wake()
        await world.clock.advance(2_990)
      }
      await world.clock.advance(200)
      expect(world.server.refreshCalls).toBe(2)
    })

    it.each([true, false])('C5: gets one call from five tabs (all at once: %s)', async (isAtOnce) => {
      world = new World()
      const options = { transport: transport([60_000]) }
      const tabs = [await world.signedIn('ada', options)]
      while (tabs.length < 5) tabs.push(await world.open(options))
      await world.expire()
      const outcomes: unknown[] = []
      for (const { session } of tabs) {
        void failure(session.getAccessToken()).then((error) => outcomes.push(error))
        if (!isAtOnce) await world.clock.advance(1_000)
      }
      await world.clock.advance(1_000)
      expect(outcomes).toHaveLength(5)
      for (const outcome of outcomes) expect(outcome).toMatchObject({ name: 'RefreshFailedError' })
      expect(world.server.refreshCalls).toBe(1)

      const opened = await world.open(options)
      await world.clock.advance(0)
      expect(await failure(opened.session.getAccessToken())).toMatchObject({ name: 'RefreshFailedError' })
      expect(world.server.refreshCalls).toBe(1)
      await world.clock.advance(60_000)
      const operations = tabs.map(({ session }) => follow(session.getAccessToken()))
      await world.clock.advance(200)
      for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
      expect(world.server.refreshCalls).toBe(2)
    })

    it('C5: does not make the next sign-in wait, whoever it is', async () => {
      world = new World()
      const options = { transport: transport([600_000]) }
      const { session } = await world.signedIn('ada', options)
      const other = await world.open(options)
      await world.expire()
      await failure(session.getAccessToken())
      await session.accept(world.server.signIn('ada'))
      await world.expire()
      const operations = [session, other.session].map((one) => follow(one.getAccessToken()))
      await world.clock.advance(200)
      for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    })

    it.each([
      ['not a number', Number.NaN],
      ['negative', -5],
    ])('C5: a wait that is %s is none', async (_, waitMs) => {
      world = new World()
      const { session } = await world.signedIn('ada', { transport: transport([waitMs]) })
      await world.expire()
      const operation = follow(session.getAccessToken())
      await world.clock.advance(1_000)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
    })

    it.each([Number.POSITIVE_INFINITY, 1e15])(
      'C5: is asked again after an hour at the latest (%d ms)',
      async (waitMs) => {
        world = new World()
        const { session } = await world.signedIn('ada', { transport: transport([waitMs]) })
        await world.expire()
        expect(await failure(session.getAccessToken())).toMatchObject({ retryAfterMs: 3_600_000 })
        await world.clock.advance(3_600_000)
        const operation = follow(session.getAccessToken())
        await world.clock.advance(100)
        expect(world.server.accepts(operation.outcome)).toBe('ada')
      },
    )
  })

  it('C5: refreshes once per operation, without a loop, when the server refuses every token', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const failed = await session.getAccessToken()
    world.server.refusesAll = true
    const renewed = follow(session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' }))
    await world.clock.advance(30_000)
    expect(typeof renewed.outcome).toBe('string')
    expect(world.server.refreshCalls).toBe(1)
  })
})
