import { afterEach, describe, expect, it } from '@jest/globals'
import type { Clock } from '../src/session/index.ts'
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
    const renewing = follow(session.getAccessToken({ failed: old, reason: 'TOKEN_EXPIRED' }))
    await world.clock.advance(100)
    expect(await session.getAccessToken({ failed: old, reason: 'TOKEN_EXPIRED' })).toBe(renewing.outcome)
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C2: ignores a refused token from another tab that does not know of the refusal', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const second = await world.open()
    const old = await second.session.getAccessToken()
    const operation = follow(second.session.getAccessToken({ failed: old, reason: 'TOKEN_EXPIRED' }))
    // The first tab does not know of the refusal and sends its token to a third tab that asks.
    const third = await world.open()
    await settle()
    expect(operation.outcome).toBe('pending')
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    for (const tab of [session, third.session]) expect(await tab.getAccessToken()).toBe(operation.outcome)
    expect(world.server.refreshCalls).toBe(1)
  })

  describe('a token that is refused while it is young', () => {
    it('C2: is returned once more after a pause, without a refresh, and stays in use for others', async () => {
      world = new World()
      const { session } = await world.signedIn()
      const failed = await session.getAccessToken()
      for (const reason of [undefined, 'TOKEN_INVALID']) {
        const replay = follow(session.getAccessToken({ failed, reason }))
        await world.clock.advance(499)
        expect(replay.outcome).toBe('pending')
        expect(await session.getAccessToken()).toBe(failed)
        await world.clock.advance(1)
        expect(replay.outcome).toBe(failed)
      }
      expect(world.server.refreshCalls).toBe(0)
      expect(world.clock.pending).toBe(1) // the renewal ahead of time
    })

    it.each([
      [60, 5_000],
      [2, 200],
    ])('C2: is replaced from a certain age on (lifetime %d s: %d ms)', async (lifetimeSeconds, ageMs) => {
      world = new World({ lifetimeSeconds })
      const { session } = await world.signedIn()
      const failed = await session.getAccessToken()
      await world.clock.advance(ageMs)
      const replay = follow(session.getAccessToken({ failed }))
      await world.clock.advance(100)
      expect(replay.outcome).not.toBe(failed)
      expect(world.server.accepts(replay.outcome)).toBe('ada')
    })

    it('C2: is replaced at once after a sleep in which the monotonic clock stood still', async () => {
      world = new World()
      let wallTime = 1e12
      const clock: Clock = {
        now: () => 0,
        wallTime: () => wallTime,
        setTimer: (task, ms) => world.clock.setTimer(task, ms),
      }
      const { session } = await world.signedIn('ada', { clock })
      const failed = await session.getAccessToken()
      wallTime += 3_600_000
      const replay = follow(session.getAccessToken({ failed }))
      await world.clock.advance(100)
      expect(replay.outcome).not.toBe(failed)
    })

    it('C2: gives way to a new token, or to the end of the session, that comes during the pause', async () => {
      for (const [end, outcome] of [
        ['accept', 'ended: REPLACED'],
        ['signOut', 'ended: SIGNED_OUT'],
        ['dispose', 'ended: DISPOSED'],
      ] as const) {
        world = new World()
        const { session } = await world.signedIn()
        const failed = await session.getAccessToken()
        const replay = follow(session.getAccessToken({ failed }))
        await settle()
        if (end === 'accept') void session.accept(world.server.signIn('bob'))
        else void session[end]()
        await settle()
        expect(replay.outcome).toBe(outcome)
        session.dispose()
        expect(world.clock.pending).toBe(0)
      }
    })

    it('C2: can be waited for until the operation is aborted', async () => {
      world = new World()
      const { session } = await world.signedIn()
      const failed = await session.getAccessToken()
      const abort = new AbortController()
      const replay = follow(session.getAccessToken({ failed, signal: abort.signal }))
      await settle()
      abort.abort(new Error('left'))
      await settle()
      expect(replay.outcome).toBe('Error: left')
      session.dispose()
      expect(world.clock.pending).toBe(0)
    })
  })

  it.each([
    [undefined, 3],
    ['TOKEN_EXPIRED', 6],
  ])(
    'C2: one field that is always refused (%s), polled for a minute, causes %d refreshes',
    async (reason, refreshes) => {
      world = new World()
      const { session } = await world.signedIn()
      for (let second = 0; second < 60; second += 2) {
        const failed = await session.getAccessToken()
        void session.getAccessToken({ failed, reason })
        await world.clock.advance(2_000)
      }
      expect(world.server.refreshCalls).toBe(refreshes)
    },
  )

  it('C2: two tabs that poll a field that is always refused in turn count its refusals together', async () => {
    world = new World()
    const tabs = [await world.signedIn(), await world.open()]
    await settle()
    for (let second = 0; second < 60; second++) {
      const { session } = tabs[second % 2] as (typeof tabs)[number]
      const failed = await session.getAccessToken()
      void session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' })
      await world.clock.advance(1_000)
    }
    expect(world.server.refreshCalls).toBeLessThanOrEqual(6)
  })

  it('C2: a renewal ahead of time does not make a refused field start its count again', async () => {
    world = new World({ lifetimeSeconds: 600 })
    const { session } = await world.signedIn()
    for (let minute = 0; minute < 60; minute++) {
      for (let second = 0; second < 60; second += 3) {
        const failed = await session.getAccessToken()
        void session.getAccessToken({ failed })
        await world.clock.advance(3_000)
      }
    }
    // After about 5, 10, 20, 40, 80 and 160 s, and then every five minutes.
    expect(world.server.refreshCalls).toBeLessThanOrEqual(17)
  })

  it('C2: a token that served until its end makes the next refusal an ordinary one', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const refuse = async (reason?: string): Promise<unknown> => {
      const failed = await session.getAccessToken()
      const replay = follow(session.getAccessToken({ failed, reason }))
      await world.clock.advance(600)
      return replay.outcome === failed ? 'same' : 'new'
    }
    for (const outcome of ['new', 'new', 'new', 'same']) expect(await refuse('TOKEN_EXPIRED')).toBe(outcome)
    for (let life = 0; life < 2; life++) {
      await world.expire()
      void session.getAccessToken()
      await world.clock.advance(100)
    }
    expect(await refuse('TOKEN_EXPIRED')).toBe('new')
  })

  it('C2: the new sign-in of a user starts without a history of refusals', async () => {
    world = new World()
    const { session } = await world.signedIn()
    for (let round = 0; round < 3; round++) {
      const failed = await session.getAccessToken()
      const replay = follow(session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' }))
      await world.clock.advance(100)
      expect(replay.outcome).not.toBe(failed)
      await session.accept(world.server.signIn('ada'))
    }
  })
})
