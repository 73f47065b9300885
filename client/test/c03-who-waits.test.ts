import { afterEach, describe, expect, it } from '@jest/globals'
import { follow, World } from './support/tabs.ts'

describe('C3: which operations wait for a refresh', () => {
  let world: World
  afterEach(() => world.dispose())

  it('C3: fifty operations at expiry wait for the same refresh', async () => {
    world = new World()
    const { session, events } = await world.signedIn()
    await world.expire()
    const operations = Array.from({ length: 50 }, () => follow(session.getAccessToken()))
    await world.clock.advance(100)
    for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
    expect(events.find(({ type }) => type === 'refreshDone')).toMatchObject({ shared: 50, ms: 100 })
  })

  it('C3: fifty refusals of one token cause one refresh', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const failed = await session.getAccessToken()
    const operations = Array.from({ length: 50 }, () =>
      follow(session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' })),
    )
    await world.clock.advance(100)
    expect(new Set(operations.map(({ outcome }) => outcome)).size).toBe(1)
    expect(operations[0]?.outcome).not.toBe(failed)
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C3: an operation that starts while a refused token is being replaced waits for the same refresh', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const failed = await session.getAccessToken()
    const first = follow(session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' }))
    await world.clock.advance(60)
    const second = follow(session.getAccessToken())
    await world.clock.advance(0)
    expect(second.outcome).toBe('pending')
    expect(session.state).toBe('refreshing')
    await world.clock.advance(40)
    expect(second.outcome).toBe(first.outcome)
    expect(session.state).toBe('active')
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C3: uses the old token, which is still valid, during a refresh ahead of time', async () => {
    world = new World()
    world.server.latencyMs = 5_000
    const { session } = await world.signedIn()
    const first = await session.getAccessToken()
    await world.clock.advance(52_000)
    expect(session.state).toBe('refreshing')
    expect(await session.getAccessToken()).toBe(first)
  })

  it('C3: operations wait for a refresh ahead of time once the old token is refused or expires', async () => {
    world = new World()
    world.server.latencyMs = 9_900
    const { session } = await world.signedIn()
    const first = await session.getAccessToken()
    await world.clock.advance(52_000)
    const refused = follow(session.getAccessToken({ failed: first, reason: 'TOKEN_EXPIRED' }))
    const begun = follow(session.getAccessToken())
    await world.clock.advance(5_000)
    expect([refused.outcome, begun.outcome]).toEqual(['pending', 'pending'])
    await world.clock.advance(5_000)
    expect(world.server.accepts(refused.outcome)).toBe('ada')
    expect(begun.outcome).toBe(refused.outcome)
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C3: delays an operation that starts at expiry by at most one refresh round trip', async () => {
    world = new World()
    world.server.latencyMs = 80
    const { session, events } = await world.signedIn()
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(80)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    expect(events.filter(({ type }) => type === 'waited')).toEqual([expect.objectContaining({ ms: 80 })])
  })
})
