import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Clock, RefreshRequest, SessionOptions, TokenGrant } from '../src/session/index.ts'
import { follow, World } from './support/tabs.ts'

describe('C7: refresh ahead of time, by a monotonic clock', () => {
  let world: World
  afterEach(() => {
    world.dispose()
    jest.restoreAllMocks()
  })

  it('C7: a steady stream of operations uses no refused token over five expiries', async () => {
    world = new World()
    const { session } = await world.signedIn()
    for (let ms = 0; ms < 5.2 * 60_000; ms += 500) {
      const operation = follow(session.getAccessToken())
      await world.clock.advance(0)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
      await world.clock.advance(500)
    }
    expect(world.server.refreshCalls).toBe(6)
  })

  it('C7: a steady stream of operations uses no refused token with a lifetime of two seconds', async () => {
    world = new World({ lifetimeSeconds: 2 })
    const { session } = await world.signedIn()
    for (let ms = 0; ms < 10_000; ms += 50) {
      const operation = follow(session.getAccessToken())
      await world.clock.advance(50)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
    }
  })

  it('C7: spreads refreshes ahead of time with jitter', async () => {
    for (const [random, dueMs] of [
      [0, 59_000 * 0.9],
      [0.999_999, 59_000 * 0.8],
    ] as const) {
      world = new World()
      const { session } = await world.signedIn('ada', { random: () => random })
      await session.getAccessToken()
      await world.clock.advance(dueMs - 10)
      expect(world.server.refreshCalls).toBe(0)
      await world.clock.advance(20)
      expect(world.server.refreshCalls).toBe(1)
    }
  })

  it('C7: does not refresh on an unused page', async () => {
    world = new World()
    const { session } = await world.signedIn()
    await world.clock.advance(3_600_000)
    expect(world.server.refreshCalls).toBe(0)
    await session.getAccessToken({ signal: AbortSignal.abort() }).catch(() => {})
    const operation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    await world.clock.advance(3_600_000)
    expect(world.server.refreshCalls).toBe(2) // that one, and one ahead of time because its token was used
  })

  it('C7: does not refresh on a hidden page, and refreshes as soon as it is visible again', async () => {
    world = new World()
    const { session, page } = await world.signedIn()
    await session.getAccessToken()
    page.visible = false
    await world.clock.advance(50_000 + 8_000)
    expect(world.server.refreshCalls).toBe(0)
    page.wake()
    await world.clock.advance(100)
    expect(world.server.refreshCalls).toBe(1)
    expect(session.state).toBe('active')
  })

  it('C7: gets a valid token with one refresh after an hour of sleep', async () => {
    world = new World()
    const { session, page } = await world.signedIn()
    await session.getAccessToken()
    world.clock.sleep(3_600_000)
    page.wake()
    const operations = Array.from({ length: 10 }, () => follow(session.getAccessToken()))
    await world.clock.advance(100)
    for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C7: adopts on waking what other tabs have done meanwhile', async () => {
    world = new World()
    const sleeper = await world.signedIn('ada', { channel: undefined })
    const other = await world.open({ channel: undefined })
    await other.session.signOut()
    expect(sleeper.session.state).toBe('active')
    sleeper.page.wake()
    await world.clock.advance(0)
    expect(sleeper.session.state).toBe('signedOut')
    expect(sleeper.ended).toEqual(['SIGNED_OUT'])
  })

  it('C7: counts the token lifetime from when the refresh was sent', async () => {
    world = new World()
    world.server.latencyMs = 8_000
    const { session } = await world.signedIn()
    await world.expire()
    const first = follow(session.getAccessToken())
    await world.clock.advance(8_000)
    expect(world.server.accepts(first.outcome)).toBe('ada')
    // 51 s after it arrived, which is 59 s after it was requested: no longer valid.
    await world.clock.advance(51_000)
    const second = follow(session.getAccessToken())
    await world.clock.advance(8_000)
    expect(second.outcome).not.toBe(first.outcome)
    expect(world.server.accepts(second.outcome)).toBe('ada')
  })

  it.each([
    ['an hour ahead', () => 3_600_000],
    ['an hour behind', () => -3_600_000],
    ['jumping back and forth', () => (Math.random() - 0.5) * 1e12],
  ])('C7: ignores a device clock that is %s', async (_, offset) => {
    const real = Date.now
    const wallClock = jest.spyOn(Date, 'now').mockImplementation(() => real() + offset())
    world = new World()
    const { session } = await world.signedIn()
    for (let ms = 0; ms < 2.6 * 60_000; ms += 1_000) {
      const operation = follow(session.getAccessToken())
      await world.clock.advance(0)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
      await world.clock.advance(1_000)
    }
    expect(world.server.refreshCalls).toBe(3)
    expect(wallClock).not.toHaveBeenCalled()
  })

  it('C7: refreshes twice for two expiries in a row', async () => {
    world = new World()
    const { session } = await world.signedIn()
    for (let expiry = 1; expiry <= 2; expiry++) {
      await world.expire()
      const operation = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
    }
    expect(world.server.refreshCalls).toBe(2)
    expect(world.server.rotations).toBe(2)
  })

  it('C7: renews nothing ahead of time with a ratio of 0, and refreshes when an operation needs it', async () => {
    world = new World()
    const { session, page } = await world.signedIn('ada', { refreshAheadRatio: 0 })
    const first = await session.getAccessToken()
    expect(world.clock.pending).toBe(0)
    await world.clock.advance(58_900)
    expect(await session.getAccessToken()).toBe(first)
    await world.clock.advance(600_000)
    page.wake()
    await world.clock.advance(100)
    expect(world.server.refreshCalls).toBe(0)
    const operation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
  })

  it.each<Partial<SessionOptions>>([
    { refreshAheadRatio: -0.1 },
    { refreshAheadRatio: 1.1 },
    { refreshAheadRatio: Number.NaN },
    { refreshAheadRatio: '0.2' as unknown as number },
    { refreshTimeoutMs: 0 },
    { refreshTimeoutMs: -1 },
    { refreshTimeoutMs: Number.NaN },
    { refreshTimeoutMs: Number.POSITIVE_INFINITY },
    { refreshTimeoutMs: 2 ** 31 },
    { refreshTimeoutMs: '10' as unknown as number },
  ])('C7: names an option without a usable value: %p', async (options) => {
    world = new World()
    const [name = ''] = Object.keys(options)
    const error = await world.open(options).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RangeError)
    expect(String(error)).toContain(name)
  })

  describe('a token without a usable lifetime', () => {
    let warnings: string[]
    beforeEach(() => {
      warnings = []
      jest.spyOn(console, 'warn').mockImplementation((message) => void warnings.push(message))
    })
    const withLifetime = (lifetime: unknown) => (given: TokenGrant) => ({
      ...given,
      accessTokenExpiresIn: lifetime as number,
    })

    it.each([undefined, null, 0, -60, Number.NaN, '', 'soon', true, {}])(
      'C7: is good until it is refused, and reported once: %p',
      async (lifetime) => {
        world = new World()
        const change = withLifetime(lifetime)
        const inner = world.server.transport()
        const transport = { ...inner, refresh: (request: RefreshRequest) => inner.refresh(request).then(change) }
        const { session } = await world.open({ transport })
        await session.accept(change(world.server.signIn('ada')))
        for (let life = 1; life <= 3; life++) {
          for (let operation = 0; operation < 20; operation++) {
            expect(world.server.accepts(await session.getAccessToken())).toBe('ada')
            await world.clock.advance(2_900)
          }
          expect(session.accessTokenExpiresInMs).toBe(Number.POSITIVE_INFINITY)
          await world.clock.advance(2_000)
          const failed = await session.getAccessToken()
          const replay = follow(session.getAccessToken({ failed }))
          await world.clock.advance(100)
          expect(world.server.accepts(replay.outcome)).toBe('ada')
          expect(world.server.refreshCalls).toBe(life)
        }
        expect(warnings).toEqual([expect.stringContaining('accessTokenExpiresIn')])
        session.dispose()
        expect(world.clock.pending).toBe(0)
      },
    )

    it('C7: stays good in another tab and after a reload, even if the storage and the channel speak JSON', async () => {
      world = new World()
      world.clock.wallTime = () => 1e12 + world.clock.now()
      const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value))
      const inner = world.storage
      world.storage = {
        read: async () => asJson(await inner.read()),
        write: (next, version) => inner.write(asJson(next), version),
      }
      const jsonChannel = () => {
        const ear = world.channel.end()
        return { ...ear, post: (message: unknown) => ear.post(asJson(message)) }
      }
      const first = await world.open({ channel: jsonChannel() })
      await first.session.accept(withLifetime(0)(world.server.signIn('ada')))
      const token = await first.session.getAccessToken()
      await world.clock.advance(10_000)
      // Without a wall clock, this tab gets the token over the channel.
      const clock: Clock = { now: () => world.clock.now(), setTimer: (task, ms) => world.clock.setTimer(task, ms) }
      const second = await world.open({ channel: jsonChannel(), clock })
      await world.clock.advance(0)
      expect(await second.session.getAccessToken()).toBe(token)
      for (const { session } of world.tabs) session.dispose()
      const reloaded = await world.open({ channel: jsonChannel() })
      expect(await reloaded.session.getAccessToken()).toBe(token)
      expect(reloaded.session.accessTokenExpiresInMs).toBe(Number.POSITIVE_INFINITY)
      expect(world.server.refreshCalls).toBe(0)
    })

    it.each([
      ['60', 59_000],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ])('C7: is not what %p is', async (lifetime, leftMs) => {
      world = new World()
      const { session } = await world.open()
      await session.accept(withLifetime(lifetime)(world.server.signIn('ada')))
      expect(session.accessTokenExpiresInMs).toBe(leftMs)
      expect(warnings).toEqual([])
    })
  })

  it('C7: does not overflow platform timers with a token lifetime of 40 days', async () => {
    world = new World({ lifetimeSeconds: 40 * 24 * 3_600 })
    const { session } = await world.signedIn()
    await session.getAccessToken()
    await world.clock.advance(30 * 24 * 3_600_000)
    expect(world.server.refreshCalls).toBe(0)
    await world.clock.advance(5 * 24 * 3_600_000)
    expect(world.server.refreshCalls).toBe(1)
  })
})
