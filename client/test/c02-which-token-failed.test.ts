import { afterEach, describe, expect, it } from '@jest/globals'
import { follow, World } from './support/tabs.ts'
import { settle } from './support/virtual-clock.ts'

describe('C2: which token failed', () => {
  let world: World
  afterEach(() => world.dispose())

  it('C2: gets a new token with one refresh after expiry', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const before = await session.getAccessToken()
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(operation.outcome).not.toBe(before)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C2: returns the current token without a refresh when a replaced token is refused late', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const old = await session.getAccessToken()
    const renewing = follow(session.getAccessToken({ failed: old }))
    await world.clock.advance(100)
    expect(await session.getAccessToken({ failed: old })).toBe(renewing.outcome)
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C2: ignores a refused token from another tab that does not know of the refusal', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const second = await world.open()
    const old = await second.session.getAccessToken()
    const operation = follow(second.session.getAccessToken({ failed: old }))
    // The first tab does not know of the refusal and sends its token to a third tab that asks.
    const third = await world.open()
    await settle()
    expect(operation.outcome).toBe('pending')
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    for (const tab of [session, third.session]) expect(await tab.getAccessToken()).toBe(operation.outcome)
    expect(world.server.refreshCalls).toBe(1)
  })
})
