import { afterEach, describe, expect, it, jest } from '@jest/globals'
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
