import { afterEach, describe, expect, it } from '@jest/globals'
import { memoryStorage, type TokenGrant } from '../src/session/index.ts'
import { follow, World } from './support/tabs.ts'
import { settle } from './support/virtual-clock.ts'

describe('C8: waiting operations and writes belong to one sign-in', () => {
  let world: World
  afterEach(() => world.dispose())

  it('C8: drops a refresh that completes after sign-out, and revokes its token on the server', async () => {
    world = new World()
    const { session, ended } = await world.signedIn()
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(60)
    const leaving = follow(session.signOut())
    await settle()
    expect(operation.outcome).toBe('ended: SIGNED_OUT')
    expect(session.state).toBe('signedOut')
    await world.clock.advance(100)
    expect(leaving.outcome).toBe(true)
    expect(session.state).toBe('signedOut')
    expect(await world.storage.read()).toEqual({ version: 2, epoch: 2, userId: null })
    expect(world.server.signOuts.map(({ refreshToken }) => refreshToken)).toEqual(['ada-1.0', 'ada-1.1'])
    expect(world.server.isLive('ada')).toBe(false)
    expect(ended).toEqual(['SIGNED_OUT'])
  })

  it('C8: rejects the first user’s operations and revokes the token when another user signs in during a refresh', async () => {
    world = new World()
    const { session, ended } = await world.signedIn('ada')
    const adasToken = await session.getAccessToken()
    const operations = [
      follow(session.getAccessToken({ failed: adasToken, reason: 'TOKEN_EXPIRED' })),
      follow(session.getAccessToken()),
    ]
    await world.clock.advance(60)
    await session.accept(world.server.signIn('bob'))
    await settle()
    for (const { outcome } of operations) expect(outcome).toBe('ended: REPLACED')
    await world.clock.advance(100)
    expect(session.userId).toBe('bob')
    expect(world.server.accepts(await session.getAccessToken())).toBe('bob')
    expect(world.server.isLive('ada')).toBe(false)
    expect(world.server.isLive('bob')).toBe(true)
    expect(world.server.signOuts.at(-1)).toMatchObject({ refreshToken: 'ada-1.1', keepCookie: true })
    expect(ended).toEqual(['REPLACED'])
    expect(await world.storage.read()).toMatchObject({ userId: 'bob', refreshToken: 'bob-2.0' })
  })

  it('C8: never gives the current user’s token to an operation of a former user', async () => {
    world = new World()
    const { session } = await world.signedIn('ada')
    const adasToken = await session.getAccessToken()
    await session.signOut()
    await session.accept(world.server.signIn('bob'))
    await expect(session.getAccessToken({ failed: adasToken, reason: 'TOKEN_EXPIRED' })).rejects.toMatchObject({
      reason: 'SIGNED_OUT',
    })
    expect(world.server.refreshCalls).toBe(0)
  })

  it('C8: never gives a former user’s operation the token of a user who signed in in another tab', async () => {
    world = new World()
    const first = await world.signedIn('ada')
    const second = await world.open()
    const adasToken = await first.session.getAccessToken()
    await second.session.accept(world.server.signIn('bob'))
    await settle()
    expect(first.session.userId).toBe('bob')
    await expect(first.session.getAccessToken({ failed: adasToken, reason: 'TOKEN_EXPIRED' })).rejects.toMatchObject({
      reason: 'REPLACED',
    })
    expect(world.server.accepts(await first.session.getAccessToken())).toBe('bob')
    expect(first.ended).toEqual(['REPLACED'])
  })

  it('C8: respects a sign-in in another tab even without a channel', async () => {
    world = new World()
    const first = await world.signedIn('ada', { channel: undefined })
    const second = await world.open({ channel: undefined })
    await second.session.accept(world.server.signIn('bob'))
    await world.expire()
    const operation = follow(first.session.getAccessToken())
    await world.clock.advance(100)
    expect(operation.outcome).toBe('ended: REPLACED')
    expect(first.session.userId).toBe('bob')
    expect(await world.storage.read()).toMatchObject({ userId: 'bob' })
    expect(world.server.refreshCalls).toBe(0)
  })

  it('C8: drops a refresh answer for another user, and revokes its token', async () => {
    world = new World()
    const { session, ended } = await world.signedIn('ada', {
      transport: { ...world.server.transport(), refresh: async () => world.server.signIn('bob') },
    })
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(operation.outcome).toBe('ended: REPLACED')
    expect(session.state).toBe('signedOut')
    expect(world.server.isLive('bob')).toBe(false)
    expect(ended).toEqual(['REPLACED'])
  })

  it('C8: drops a refresh answer for another user from a cookie, and keeps that user’s session', async () => {
    world = new World()
    const { session } = await world.signedIn('ada', {
      transport: {
        ...world.server.transport(),
        refresh: async () => {
          const { refreshToken: _, ...grant } = world.server.signIn('bob')
          return grant
        },
      },
    })
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(operation.outcome).toBe('ended: REPLACED')
    expect(world.server.signOuts).toEqual([])
    expect(world.server.isLive('bob')).toBe(true)
  })

  it('C8: stores tokens only over the record the refresh began with, and otherwise uses the stored ones', async () => {
    world = new World()
    const { session, ended } = await world.signedIn('ada')
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(60)
    // Another tab went on without the lock and was faster.
    await world.storage.write(
      { version: 2, epoch: 1, userId: 'ada', refreshToken: 'ada-1.1', accessToken: 'theirs', lifetimeMs: 60_000 },
      1,
    )
    await world.clock.advance(100)
    expect(operation.outcome).toBe('theirs')
    expect(await world.storage.read()).toMatchObject({ version: 2, accessToken: 'theirs' })
    expect(world.server.isLive('ada')).toBe(true)
    expect(ended).toEqual([])
  })

  it('C8: keeps the session if another tab has meanwhile replaced the refused token', async () => {
    world = new World({ graceMs: 0 })
    const storage = memoryStorage()
    const { session, ended } = await world.signedIn('ada', { storage })
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(10)
    // Our refresh will be refused; another tab, which went on without the lock, has stored valid tokens.
    world.server.revoke('ada')
    const again = world.server.signIn('ada')
    await storage.write(
      {
        version: 2,
        epoch: 1,
        userId: 'ada',
        refreshToken: again.refreshToken as string,
        accessToken: again.accessToken,
        lifetimeMs: 60_000,
      },
      1,
    )
    await world.clock.advance(200)
    expect(operation.outcome).toBe(again.accessToken)
    expect(ended).toEqual([])
  })

  it('C8: a late refresh does not restore a session that another tab has signed out', async () => {
    world = new World()
    const first = await world.signedIn('ada', { channel: undefined })
    const second = await world.open({ channel: undefined })
    await world.expire()
    const operation = follow(first.session.getAccessToken())
    await world.clock.advance(60)
    await second.session.signOut()
    await world.clock.advance(100)
    expect(operation.outcome).toBe('ended: SIGNED_OUT')
    expect(await world.storage.read()).toMatchObject({ userId: null })
    expect(world.server.signOuts.map(({ refreshToken }) => refreshToken)).toContain('ada-1.1')
  })

  it('C8: retries a failed sign-out request, but not after a new sign-in', async () => {
    world = new World()
    const calls: (string | null)[] = []
    const { session } = await world.signedIn('ada', {
      transport: {
        ...world.server.transport(),
        signOut: ({ refreshToken }) => {
          calls.push(refreshToken)
          return Promise.reject(new Error('offline'))
        },
      },
    })
    const leaving = follow(session.signOut())
    await world.clock.advance(1_000)
    expect(calls).toEqual(['ada-1.0', 'ada-1.0', 'ada-1.0'])
    await session.accept(world.server.signIn('bob'))
    await world.clock.advance(10_000)
    expect(leaving.outcome).toBe(false)
    expect(calls).toHaveLength(3)
    expect(session.userId).toBe('bob')
  })

  it('C8: gives no token to the other user’s operation after two simultaneous sign-ins', async () => {
    world = new World()
    const [first, second] = [await world.open(), await world.open()]
    const ada = world.server.signIn('ada')
    const bob = world.server.signIn('bob')
    void first.session.accept(ada)
    void second.session.accept(bob)
    const refused = follow(second.session.getAccessToken({ failed: bob.accessToken, reason: 'TOKEN_EXPIRED' }))
    await world.clock.advance(1_000)
    expect(world.server.accepts(refused.outcome) ?? refused.outcome).toMatch(/^(bob|ended: REPLACED)$/)
    expect(first.session.userId).toBe(second.session.userId)
  })

  it('C8: leaves two tabs with the same user after simultaneous sign-ins in both', async () => {
    world = new World()
    const first = await world.open()
    const second = await world.open()
    const sign = (grant: TokenGrant, index: number) => world.tabs[index]?.session.accept(grant)
    await Promise.all([sign(world.server.signIn('ada'), 0), sign(world.server.signIn('bob'), 1)])
    await settle()
    expect(first.session.userId).toBe(second.session.userId)
    expect(await world.storage.read()).toMatchObject({ userId: first.session.userId })
  })

  it('C8: new tokens are not given up for an older record, which a storage in trouble has returned', async () => {
    world = new World()
    const { session, ended } = await world.signedIn()
    const first = await world.storage.read()
    await world.expire()
    const rotation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(rotation.outcome)).toBe('ada')
    await world.expire()
    let reads = 0
    const { storage } = world
    const { read } = storage
    storage.read = () => (reads++ < 2 ? first : read())
    const next = follow(session.getAccessToken())
    await world.clock.advance(1_000)
    expect(world.server.accepts(next.outcome)).toBe('ada')
    expect(await read()).toMatchObject({ refreshToken: 'ada-1.2' })
    await world.clock.advance(120_000)
    const last = follow(session.getAccessToken())
    await world.clock.advance(1_000)
    expect(world.server.accepts(last.outcome)).toBe('ada')
    expect(ended).toEqual([])
  })
})
