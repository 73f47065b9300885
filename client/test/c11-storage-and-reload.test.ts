import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { StoredSession, TokenGrant, Transport } from '../src/index.ts'
import { follow, World } from './support/tabs.ts'

describe('C11: storage and reload', () => {
  let world: World
  afterEach(() => world.dispose())

  it('C11: continues the session with one refresh after a reload', async () => {
    world = new World()
    const before = await world.signedIn()
    before.session.dispose()
    const after = await world.open()
    expect(after.session.state).toBe('active')
    expect(after.session.userId).toBe('ada')
    const operations = Array.from({ length: 5 }, () => follow(after.session.getAccessToken()))
    await world.clock.advance(100)
    for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
  })

  describe('a reload while the stored access token is good', () => {
    const HOUR_MS = 3_600_000
    let wallOffset: number
    const reload = async () => {
      world.tabs.at(-1)?.session.dispose()
      return world.open()
    }
    beforeEach(() => {
      world = new World()
      wallOffset = 1e12
      world.clock.wallTime = () => wallOffset + world.clock.now()
    })

    it('C11: continues with that token, without a refresh, and renews it in time', async () => {
      const { session } = await world.signedIn()
      const token = await session.getAccessToken()
      await world.clock.advance(20_000)
      const after = await reload()
      expect(await after.session.getAccessToken()).toBe(token)
      expect(after.session.accessTokenExpiresInMs).toBe(39_000)
      expect(world.server.refreshCalls).toBe(0)
      await world.clock.advance(31_000)
      expect(world.server.refreshCalls).toBe(1)
      expect(world.server.accepts(await after.session.getAccessToken())).toBe('ada')
    })

    it.each(['expired', 'of a device without a wall clock'])('C11: refreshes if that token is %s', async (what) => {
      await world.signedIn()
      if (what === 'expired') await world.clock.advance(59_000)
      else Reflect.deleteProperty(world.clock, 'wallTime')
      const { session } = await reload()
      const operation = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
      expect(world.server.refreshCalls).toBe(1)
    })

    it('C7, C11: one refusal and one refresh put a device clock right that went back', async () => {
      await world.signedIn()
      await world.clock.advance(HOUR_MS)
      wallOffset -= HOUR_MS - 1_000
      const { session, ended } = await reload()
      const failed = await session.getAccessToken()
      expect(world.server.accepts(failed)).toBeNull()
      // The token looks young, but its age is a guess, so it is replaced however the refusal is worded.
      const replay = follow(session.getAccessToken({ failed }))
      await world.clock.advance(100)
      expect(world.server.accepts(replay.outcome)).toBe('ada')
      for (let operation = 0; operation < 20; operation++) {
        expect(world.server.accepts(await session.getAccessToken())).toBe('ada')
      }
      expect(world.server.refreshCalls).toBe(1)
      expect(ended).toEqual([])
    })

    it('C11: another tab does not take the guessed age of a token for a known one', async () => {
      await world.signedIn()
      await world.clock.advance(HOUR_MS)
      wallOffset -= HOUR_MS - 1_000
      await reload()
      const other = await world.open()
      const failed = await other.session.getAccessToken()
      const replay = follow(other.session.getAccessToken({ failed }))
      await world.clock.advance(100)
      expect(world.server.accepts(replay.outcome)).toBe('ada')
    })

    it.each([HOUR_MS, -HOUR_MS])(
      'C7, C11: a device clock that jumps by %d ms costs at most one refresh',
      async (jumpMs) => {
        await world.signedIn()
        await world.clock.advance(1_000)
        wallOffset += jumpMs
        const { session, ended } = await reload()
        for (let operation = 0; operation < 20; operation++) {
          const token = follow(session.getAccessToken())
          await world.clock.advance(100)
          expect(world.server.accepts(token.outcome)).toBe('ada')
        }
        expect(world.server.refreshCalls).toBe(1)
        expect(ended).toEqual([])
      },
    )

    it('C11: a token that may be of any age does not settle a refresh that waits for a new one', async () => {
      const { session } = await world.signedIn('ada', { channel: undefined })
      const other = await world.open({ channel: undefined })
      await world.clock.advance(20_000)
      const failed = await session.getAccessToken()
      const renewing = follow(other.session.getAccessToken({ failed: await other.session.getAccessToken() }))
      await world.clock.advance(100)
      world.lock.freeze()
      const replay = follow(session.getAccessToken({ failed }))
      await session.wake()
      await world.clock.advance(0)
      expect(replay.outcome).toBe('pending')
      expect(typeof renewing.outcome).toBe('string')
    })
  })

  describe('the user of a session', () => {
    it.each([42, 42n])('C11: 42 and "42" are the same user, in every tab and after a reload: %p', async (userId) => {
      world = new World()
      const inner = world.server.transport()
      const transport: Transport = {
        ...inner,
        refresh: async (request) => ({ ...(await inner.refresh(request)), userId }),
      }
      const { session, ended } = await world.signedIn('42', { transport })
      const other = await world.open({ transport })
      await world.expire()
      const operation = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(world.server.accepts(operation.outcome)).toBe('42')
      await session.accept({ ...world.server.signIn('42'), userId })
      expect([session.userId, other.session.userId]).toEqual(['42', '42'])
      expect(await world.storage.read()).toMatchObject({ userId: '42' })
      expect(ended).toEqual([])
      expect(other.ended).toEqual([])
    })

    it('C11: a record of a former release, with a number as user, continues as the same user', async () => {
      world = new World()
      const { accessToken, refreshToken } = world.server.signIn('42')
      const record = { version: 1, epoch: 1, userId: 42, refreshToken, accessToken, lifetimeMs: 60_000 }
      await world.storage.write(record as unknown as StoredSession, 0)
      const { session, ended } = await world.open()
      expect(session.userId).toBe('42')
      const operation = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(world.server.accepts(operation.outcome)).toBe('42')
      expect(ended).toEqual([])
    })

    it.each<[string, object | null | undefined]>([
      ['userId', { userId: undefined }],
      ['userId', { userId: null }],
      ['userId', { userId: '' }],
      ['userId', { userId: Number.NaN }],
      ['userId', { userId: {} }],
      ['accessToken', { accessToken: undefined }],
      ['accessToken', { accessToken: '' }],
      ['accessToken', { accessToken: 7 }],
      ['refreshToken', { refreshToken: 7 }],
      ['accessToken', null],
      ['accessToken', undefined],
    ])('C11: accept() rejects a grant without a usable %s, and changes nothing: %p', async (field, fault) => {
      world = new World()
      const tab = await world.signedIn()
      const before = [await world.storage.read(), await tab.session.getAccessToken(), tab.session.epoch]
      const grant = fault ? { ...world.server.signIn('bob'), ...fault } : fault
      const error = await tab.session.accept(grant as TokenGrant).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(TypeError)
      expect(String(error)).toContain(field)
      expect([await world.storage.read(), await tab.session.getAccessToken(), tab.session.epoch]).toEqual(before)
      expect(tab.ended).toEqual([])
    })

    it('C11: an empty refresh token counts as none: the current one stays in use', async () => {
      world = new World()
      const sent: (string | null)[] = []
      const transport: Transport = {
        refresh: async ({ refreshToken }) => {
          sent.push(refreshToken)
          return { accessToken: `access-${sent.length}`, accessTokenExpiresIn: 60, userId: 'ada', refreshToken: '' }
        },
      }
      const { session } = await world.signedIn('ada', { transport })
      for (let life = 0; life < 2; life++) {
        await world.expire()
        await session.getAccessToken()
      }
      expect(sent).toEqual(['ada-1.0', 'ada-1.0'])
    })
  })

  it('C11: does not refresh while signed out, before or after a session', async () => {
    world = new World()
    const { session } = await world.open()
    expect(await session.getAccessToken()).toBeNull()
    await session.accept(world.server.signIn('ada'))
    await session.signOut()
    expect(await session.getAccessToken()).toBeNull()
    session.dispose()
    const reloaded = await world.open()
    expect(await reloaded.session.getAccessToken()).toBeNull()
    await reloaded.session.wake()
    await world.clock.advance(3_600_000)
    expect(world.server.refreshCalls).toBe(0)
  })

  it('C11: stores a rotated refresh token before operations continue', async () => {
    world = new World()
    const { session } = await world.signedIn()
    await world.expire()
    let storedWhenGoingOn: unknown
    void session.getAccessToken().then(async () => {
      storedWhenGoingOn = await world.storage.read()
    })
    await world.clock.advance(100)
    expect(storedWhenGoingOn).toMatchObject({ refreshToken: 'ada-1.1' })
  })

  it.each([
    ['absent', {}],
    ['null', { refreshToken: null }],
  ])(
    'C11: keeps the refresh token if it is %s in an answer, across a reload but not for another user',
    async (_, none) => {
      world = new World()
      const sent: (string | null)[] = []
      const transport: Transport = {
        refresh: async ({ refreshToken }) => {
          sent.push(refreshToken)
          return { accessToken: `access-${sent.length}`, accessTokenExpiresIn: 60, userId: 'ada', ...none }
        },
      }
      const { session } = await world.signedIn('ada', { transport })
      for (const expected of ['access-1', 'access-2']) {
        await world.expire()
        expect(await session.getAccessToken()).toBe(expected)
      }
      session.dispose()
      const reloaded = await world.open({ transport })
      expect(await reloaded.session.getAccessToken()).toBe('access-3')
      expect(sent).toEqual(['ada-1.0', 'ada-1.0', 'ada-1.0'])
      await reloaded.session.accept({ accessToken: 'other', accessTokenExpiresIn: 60, userId: 'bob', ...none })
      expect((await world.storage.read())?.refreshToken).toBeUndefined()
    },
  )

  it('C11: operations wait while the page is still reading the storage', async () => {
    world = new World()
    await world.signedIn()
    let release!: () => void
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const inner = world.storage
    void world.open({
      storage: { read: () => held.then(() => inner.read()), write: (next, version) => inner.write(next, version) },
    })
    const { session } = world.tabs[1] as (typeof world.tabs)[number]
    expect(session.state).toBe('signedOut')
    const operation = follow(session.getAccessToken())
    release()
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
  })

  it('C11: does not undo a sign-in made while the page is still reading the storage', async () => {
    world = new World()
    const old = await world.signedIn('ada')
    old.session.dispose()
    const opening = world.open()
    const { session } = world.tabs[1] as (typeof world.tabs)[number]
    const accepted = session.accept(world.server.signIn('bob'))
    await Promise.all([opening, accepted])
    expect(session.userId).toBe('bob')
    expect(await world.storage.read()).toMatchObject({ userId: 'bob', version: 2, epoch: 2 })
  })

  it('C11: stores a sign-in even if the storage is too slow to read', async () => {
    world = new World()
    const { storage, clock } = world
    let delayMs = 0
    const slowly = async <T>(step: () => T): Promise<Awaited<T>> => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, delayMs))
      return await step()
    }
    const { session } = await slowTab()
    delayMs = 1_200
    void session.signOut()
    await clock.advance(10_000)
    void session.accept(world.server.signIn('bob'))
    await clock.advance(10_000)
    expect(await storage.read()).toMatchObject({ userId: 'bob' })

    async function slowTab() {
      const opening = world.signedIn('ada', {
        storage: {
          read: () => slowly(storage.read),
          write: (next, version) => slowly(() => storage.write(next, version)),
        },
      })
      await clock.advance(100)
      return opening
    }
  })

  it('C11: reads a storage that answers late as soon as it does', async () => {
    const record: StoredSession = { version: 1, epoch: 1, userId: 'ada' }
    world = new World()
    const { clock } = world
    const read = () => new Promise<StoredSession>((resolve) => void clock.setTimer(() => resolve(record), 1_100))
    const opening = world.open({ storage: { read, write: () => true } })
    await clock.advance(1_050)
    const { session, ended } = await opening
    expect(session.userId).toBeNull()
    await clock.advance(50)
    expect(session.userId).toBe('ada')
    expect(ended).toEqual([])
  })

  it('C11: a late answer of the storage changes nothing after a sign-in', async () => {
    const record: StoredSession = { version: 9, epoch: 9, userId: 'ada' }
    world = new World()
    const { clock } = world
    const read = () => new Promise<StoredSession>((resolve) => void clock.setTimer(() => resolve(record), 1_100))
    const opening = world.open({ storage: { read, write: () => true } })
    await clock.advance(1_050)
    const { session } = await opening
    void session.accept(world.server.signIn('bob'))
    await clock.advance(10_000)
    expect(session.userId).toBe('bob')
  })

  it('C11: writes the record again on the next refresh if the storage was cleared during the session', async () => {
    world = new World()
    let { storage } = world
    const { session } = await world.signedIn('ada', {
      storage: { read: () => storage.read(), write: (next, version) => storage.write(next, version) },
    })
    await world.expire()
    storage = new World().storage
    const operation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    expect(await storage.read()).toMatchObject({ userId: 'ada', refreshToken: 'ada-1.1' })
  })
})
