import { afterEach, describe, expect, it } from '@jest/globals'
import { type Channel, memoryStorage, type Storage, type StoredSession } from '../src/session/index.ts'
import { CookieJar } from './support/cookie-jar.ts'
import { follow, SharedLock, type Tab, World } from './support/tabs.ts'
import { settle } from './support/virtual-clock.ts'

describe('C1: one refresh at a time per browser', () => {
  let world: World
  afterEach(() => world.dispose())

  /** Starts `count` operations at the same time in each tab. */
  const begin = (tabs: Tab[], count: number) =>
    tabs.flatMap(({ session }) => Array.from({ length: count }, () => follow(session.getAccessToken())))

  const openTabs = async (count: number, options: Parameters<World['open']>[0] = {}): Promise<Tab[]> => {
    const tabs = [await world.signedIn('ada', options)]
    while (tabs.length < count) tabs.push(await world.open(options))
    await settle()
    return tabs
  }

  it.each([10_000, 0])('C1: refreshes once for five tabs with ten operations each (grace %i ms)', async (graceMs) => {
    world = new World({ graceMs })
    const tabs = await openTabs(5)
    for (let expiry = 1; expiry <= 5; expiry++) {
      await world.expire()
      const operations = begin(tabs, 10)
      await world.clock.advance(200)
      for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
      expect(world.server.refreshCalls).toBe(expiry)
    }
  })

  it('C1: a tab without a channel reads the new token from the stored record once it holds the lock', async () => {
    world = new World({ graceMs: 0 })
    const tabs = await openTabs(3, { channel: undefined })
    await world.expire()
    const operations = begin(tabs, 2)
    await world.clock.advance(200)
    for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
    expect(tabs[2]?.events.some(({ type }) => type === 'adopted')).toBe(true)
  })

  it('C1: stores the record, then announces it on the channel, then releases the lock', async () => {
    world = new World()
    const order: string[] = []
    const inner = memoryStorage()
    const storage: Storage = {
      read: () => inner.read(),
      write: async (next, version) => {
        const written = await inner.write(next, version)
        await settle()
        order.push('stored')
        return written
      },
    }
    const lock = new SharedLock()
    const { session } = await world.signedIn('ada', {
      storage,
      channel: { post: () => order.push('told'), subscribe: () => () => {} },
      lock: {
        request: (task, signal) =>
          lock.request(async () => {
            await task()
            order.push('released')
          }, signal),
      },
    })
    await world.expire()
    order.length = 0
    void session.getAccessToken()
    await world.clock.advance(200)
    expect(order).toEqual(['stored', 'told', 'released'])
  })

  it.each([10_000, 0])('C1: waits at most 10.5 s for a frozen lock holder (grace %i ms)', async (graceMs) => {
    world = new World({ graceMs })
    const { session } = await world.signedIn()
    await world.expire()
    world.lock.freeze()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(10_499)
    expect(operation.outcome).toBe('pending')
    await world.clock.advance(101)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    expect(world.clock.pending).toBe(1) // the next refresh ahead of time
  })

  it.each([10_000, 0])('C1: refreshes once for all tabs behind a frozen lock holder (grace %i ms)', async (graceMs) => {
    world = new World({ graceMs })
    world.lock.spare = new SharedLock()
    const tabs = await openTabs(5)
    await world.expire()
    world.lock.freeze()
    const operations = begin(tabs, 10)
    await world.clock.advance(10_600)
    for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
    for (const { ended } of tabs) expect(ended).toEqual([])
  })

  it('C1: waits for a frozen spare lock no longer than its own time limit', async () => {
    world = new World()
    world.lock.spare = new SharedLock()
    const { session } = await world.signedIn()
    await world.expire()
    world.lock.freeze()
    world.lock.spare.freeze()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(21_000 + 100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
  })

  it('C1: uses the tokens stored by another tab when a frozen lock is released late', async () => {
    world = new World({ graceMs: 0 })
    const [first, second] = (await openTabs(2)) as [Tab, Tab]
    await world.expire()
    const thaw = world.lock.freeze()
    const early = follow(first.session.getAccessToken())
    await world.clock.advance(5_000)
    const late = follow(second.session.getAccessToken())
    await world.clock.advance(5_600)
    thaw()
    await world.clock.advance(200)
    expect(world.server.accepts(early.outcome)).toBe('ada')
    expect(late.outcome).toBe(early.outcome)
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C1: does not mistake a token stored before the refresh began for a new one', async () => {
    world = new World()
    const silent = { channel: silentChannel }
    const first = await world.signedIn('ada', silent)
    const second = await world.open(silent)
    const failed = follow(second.session.getAccessToken())
    await world.clock.advance(200)
    const current = follow(
      first.session.getAccessToken({ failed: await first.session.getAccessToken(), reason: 'TOKEN_EXPIRED' }),
    )
    await world.clock.advance(1_000)
    const stale = follow(first.session.getAccessToken({ failed: current.outcome, reason: 'TOKEN_EXPIRED' }))
    await world.clock.advance(1_000)
    expect(await world.storage.read()).toMatchObject({ accessToken: stale.outcome })
    await world.expire()
    // The second tab's clock stood still meanwhile, so it learns of the expiry only from the server's refusal.
    const renewed = follow(second.session.getAccessToken({ failed: failed.outcome, reason: 'TOKEN_EXPIRED' }))
    await world.clock.advance(1_000)
    expect(world.server.accepts(renewed.outcome)).toBe('ada')
  })

  it('C1: a new page gets the token of the other tabs without a refresh', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const second = await world.open()
    await settle()
    expect(await second.session.getAccessToken()).toBe(await session.getAccessToken())
    expect(world.server.refreshCalls).toBe(0)
  })

  it('C1: two tabs that refresh without the lock get tokens of the same generation', async () => {
    world = new World()
    const tabs = await openTabs(2)
    await world.expire()
    world.lock.freeze()
    const operations = begin(tabs, 3)
    await world.clock.advance(11_000)
    for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    expect(world.server.rotations).toBe(1)
    for (const { ended } of tabs) expect(ended).toEqual([])
  })

  it('C1: refreshes even if the lock rejects, throws or never calls back', async () => {
    for (const request of [
      () => Promise.reject(new Error('not allowed')),
      () => {
        throw new Error('no locks here')
      },
      () => Promise.resolve(),
    ]) {
      world = new World()
      const { session } = await world.signedIn('ada', { lock: { request } })
      await world.expire()
      const operation = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
    }
  })

  it('C1: refreshes once for all operations of a tab without lock, channel and shared storage', async () => {
    world = new World()
    const tab = await world.signedIn('ada', { lock: undefined, channel: undefined, page: undefined })
    await world.expire()
    const operations = begin([tab], 50)
    await world.clock.advance(100)
    for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
  })

  it.each(['expired', 'refused'])(
    'C1: with a cookie, a tab gets the new token by asking another tab (%s)',
    async (how) => {
      world = new World()
      world.issuer = new CookieJar(world.server)
      const first = await world.signedIn()
      const ear = world.channel.end()
      let isDeaf = false
      const post = (message: unknown): void => {
        isDeaf = false
        ear.post(message)
      }
      const subscribe: Channel['subscribe'] = (listener) => ear.subscribe((message) => isDeaf || listener(message))
      const second = await world.open({ channel: { post, subscribe } })
      // The second tab misses the announcement of the new token, but gets the answer to its question.
      isDeaf = true
      const failed = how === 'refused' ? await second.session.getAccessToken() : null
      if (how === 'expired') await world.expire()
      const renewing = follow(first.session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' }))
      await world.clock.advance(200)
      const operation = follow(second.session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' }))
      await settle()
      expect(operation.outcome).toBe(renewing.outcome)
      expect(world.server.refreshCalls).toBe(1)
    },
  )

  it('C1: with a cookie, a tab refreshes itself when the tab that refreshed is gone', async () => {
    world = new World()
    world.issuer = new CookieJar(world.server)
    const first = await world.signedIn()
    const second = await world.open({ channel: silentChannel })
    await world.expire()
    void first.session.getAccessToken()
    await world.clock.advance(200)
    first.session.dispose()
    const operation = follow(second.session.getAccessToken())
    await world.clock.advance(300 + 100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(2)
  })

  it.each(['rejects', 'hangs'])('C1: keeps the session working with a storage that %s', async (trouble) => {
    world = new World()
    const broken = (): Promise<never> =>
      trouble === 'rejects' ? Promise.reject(new Error('quota')) : new Promise(() => {})
    const opening = world.open({ storage: { read: broken, write: broken } })
    await world.clock.advance(1_000)
    const { session } = await opening
    const accepted = follow(session.accept(world.server.signIn('ada')).then(() => 'stored or given up'))
    await world.clock.advance(2_000)
    expect(accepted.outcome).toBe('stored or given up')
    for (let expiry = 0; expiry < 3; expiry++) {
      await world.expire()
      const operation = follow(session.getAccessToken())
      await world.clock.advance(2_100)
      expect(world.server.accepts(operation.outcome)).toBe('ada')
    }
  })

  it('C1: stores no token when the refresh token is in a cookie', async () => {
    world = new World()
    world.issuer = new CookieJar(world.server)
    await world.signedIn()
    expect(await world.storage.read()).toEqual({ version: 1, epoch: 1, userId: 'ada' } satisfies StoredSession)
  })
})

const silentChannel = { post: () => {}, subscribe: () => () => {} }
