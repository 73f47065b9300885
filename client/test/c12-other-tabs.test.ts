import { afterEach, describe, expect, it } from '@jest/globals'
import type { Storage, StoredSession, TokenGrant } from '../src/session/index.ts'
import { follow, World } from './support/tabs.ts'
import { settle } from './support/virtual-clock.ts'

describe('C12: sign-out, sign-in and the new token reach the other tabs at once', () => {
  let world: World
  afterEach(() => world.dispose())

  it('C12: a sign-in reaches a signed-out tab', async () => {
    world = new World()
    const visitor = await world.open()
    const { session } = await world.signedIn('ada')
    expect(visitor.session.state).toBe('active')
    expect(visitor.session.userId).toBe('ada')
    expect(await visitor.session.getAccessToken()).toBe(await session.getAccessToken())
    expect(visitor.ended).toEqual([])
    expect(world.server.refreshCalls).toBe(0)
  })

  it('C12: a sign-out reaches each tab once and rejects its waiting operations', async () => {
    world = new World()
    const first = await world.signedIn()
    const second = await world.open()
    await world.expire()
    const waiting = follow(second.session.getAccessToken())
    await world.clock.advance(10)
    await first.session.signOut()
    await settle()
    expect(waiting.outcome).toBe('ended: SIGNED_OUT')
    for (const { session, ended } of [first, second]) {
      expect(session.state).toBe('signedOut')
      expect(ended).toEqual(['SIGNED_OUT'])
    }
  })

  it('C12: a new token releases waiting operations in another tab before that tab has the lock', async () => {
    world = new World()
    const first = await world.signedIn()
    const second = await world.open()
    await world.expire()
    void first.session.getAccessToken()
    await world.clock.advance(50)
    const waiting = follow(second.session.getAccessToken())
    await world.clock.advance(50)
    expect(world.server.accepts(waiting.outcome)).toBe('ada')
    expect(second.events).toContainEqual(expect.objectContaining({ type: 'refreshDone', adopted: true, shared: 1 }))
  })

  it('C12: a tab that resumes after a freeze ignores messages older than its own state', async () => {
    world = new World()
    const first = await world.signedIn()
    const old = world.channel.log.at(-1)
    await world.expire()
    const operation = follow(first.session.getAccessToken())
    await world.clock.advance(100)
    world.channel.end().post(old)
    world.channel.end().post({ type: 'something else' })
    world.channel.end().post({ type: 'state' })
    world.channel.end().post(null)
    world.channel.end().post('hello')
    await settle()
    expect(await first.session.getAccessToken()).toBe(operation.outcome)
  })

  it('C12: takes the age of a token from its sender', async () => {
    world = new World()
    const first = await world.signedIn()
    const second = await world.open({ channel: undefined })
    await world.clock.advance(40_000)
    // The new tab has no token; it receives one that is 40 s old and valid for 19 s more.
    const late = await world.open()
    const asking = world.channel.end()
    asking.post({ type: 'ask', version: 1 })
    await settle()
    expect(await late.session.getAccessToken()).toBe(await first.session.getAccessToken())
    await world.clock.advance(19_100)
    expect(second.session.state).toBe('active')
    const operation = follow(late.session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
  })

  it('C12: signing in again as the same user does not end the session', async () => {
    world = new World()
    const first = await world.signedIn()
    const second = await world.open()
    await first.session.accept(world.server.signIn('ada'))
    await settle()
    expect(second.session.state).toBe('active')
    expect(second.ended).toEqual([])
    expect(await second.session.getAccessToken()).toBe(await first.session.getAccessToken())
  })

  it('C12: a sign-out reaches the storage, the tabs and the server even if the page is left in the same turn', async () => {
    world = new World()
    let stored: StoredSession | null = null
    let isLeft = false
    const unlessLeft = <T>(step: () => T): Promise<T> => (isLeft ? new Promise(() => {}) : Promise.resolve(step()))
    const storage: Storage = {
      read: () => Promise.resolve(stored),
      write: (next) =>
        unlessLeft(() => {
          stored = next
          return true
        }),
      forget: (epoch) => {
        stored = { version: 2, epoch: epoch + 1, userId: null }
      },
    }
    const leaving = await world.signedIn('ada', { storage })
    const other = await world.open({ storage })
    void leaving.session.signOut()
    isLeft = true
    await settle()
    expect(other.ended).toEqual(['SIGNED_OUT'])
    expect(world.server.isLive('ada')).toBe(false)
    const next = await world.open({ storage })
    expect(next.session.state).toBe('signedOut')
  })

  it.each(['throws', 'is missing'])('C12: signs out even if the sign-out marker of the storage %s', async (trouble) => {
    world = new World()
    const { read, write } = world.storage
    const forget = (): void => {
      throw new Error('quota')
    }
    world.storage = { read, write, ...(trouble === 'throws' ? { forget } : {}) }
    const { session } = await world.signedIn()
    expect(await session.signOut()).toBe(true)
    expect(await world.storage.read()).toMatchObject({ userId: null })
  })

  describe('C12: the hint beside the cookie', () => {
    /** Signs in with a cookie hint that counts how often it is cleared. */
    async function withHint(clear: () => void = () => {}, refreshed?: TokenGrant) {
      world = new World()
      const hint = { cleared: 0 }
      const { session } = await world.signedIn('ada', {
        transport: {
          ...world.server.transport(),
          ...(refreshed && { refresh: async () => refreshed }),
          cookieHint: {
            read: () => undefined,
            clear() {
              hint.cleared++
              clear()
            },
          },
        },
      })
      return { session, hint }
    }

    it('C12: is cleared in the turn of the sign-out', async () => {
      const { session, hint } = await withHint()
      void session.signOut()
      expect(hint.cleared).toBe(1)
    })

    it('C12: does not stop a sign-out if it cannot be cleared', async () => {
      const { session } = await withHint(() => {
        throw new Error('SecurityError')
      })
      expect(await session.signOut()).toBe(true)
      expect(session.state).toBe('signedOut')
      expect(world.server.isLive('ada')).toBe(false)
    })

    it('C12: is cleared when the server ends the session', async () => {
      const { session, hint } = await withHint()
      world.server.revoke('ada')
      await world.expire()
      const operation = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(operation.outcome).toMatch(/^ended/)
      expect(hint.cleared).toBe(1)
    })

    it('C12: stays when another user has replaced ours, because it is theirs', async () => {
      const bob = { accessToken: 'b', accessTokenExpiresIn: 60, userId: 'bob' }
      const { session, hint } = await withHint(undefined, bob)
      await world.expire()
      const operation = follow(session.getAccessToken())
      await world.clock.advance(100)
      expect(operation.outcome).toBe('ended: REPLACED')
      expect(hint.cleared).toBe(0)
    })
  })

  it.each([
    ['with a channel', {}],
    ['without a channel', { channel: undefined }],
  ])('C12: tells a sign-out or sign-in here from one in another tab (%s)', async (_, options) => {
    world = new World()
    const here = await world.signedIn('ada', options)
    const other = await world.open(options)
    const heard: unknown[] = []
    here.session.onSessionEnded((...end) => heard.push(end))
    for (const act of [
      () => here.session.accept(world.server.signIn('bob')),
      () => here.session.signOut(),
      () => other.session.accept(world.server.signIn('ada')),
      () => here.session.wake(),
      () => other.session.accept(world.server.signIn('bob')),
      () => here.session.wake(),
      () => other.session.signOut(),
      () => here.session.wake(),
    ]) {
      await act()
      await world.clock.advance(0)
    }
    const ends = [
      ['REPLACED', 'here'],
      ['SIGNED_OUT', 'here'],
      ['REPLACED', 'otherTab'],
      ['SIGNED_OUT', 'otherTab'],
    ]
    expect(heard).toEqual(ends)
    expect(here.origins).toEqual(ends.map(([, origin]) => origin))
    const events = here.events.flatMap((event) => (event.type === 'ended' ? [[event.reason, event.origin]] : []))
    expect(events).toEqual(ends)
  })

  it('C12: signs out a session that the storage has not told of yet', async () => {
    world = new World()
    const { clock } = world
    clock.wallTime = () => 1e12 + clock.now()
    const stored: StoredSession = { version: 7, epoch: 3, userId: 'ada' }
    const forgotten: number[] = []
    const storage: Storage = {
      read: () => new Promise((resolve) => void clock.setTimer(() => resolve(stored), 4_000)),
      write: () => true,
      forget: (epoch) => void forgotten.push(epoch),
    }
    const opening = world.open({ storage })
    await clock.advance(1_000)
    const { session } = await opening
    const signedOut = follow(session.signOut())
    expect(forgotten[0]).toBeGreaterThanOrEqual(stored.epoch)
    await clock.advance(10_000)
    expect([session.state, signedOut.outcome, world.server.signOuts.length]).toEqual(['signedOut', true, 1])
  })

  it('C12: a new tab does not get a token that was refused', async () => {
    world = new World()
    const tab = await world.signedIn()
    await world.clock.advance(30_000)
    world.server.faults = ['hangs']
    const token = await tab.session.getAccessToken()
    void tab.session.getAccessToken({ failed: token, reason: 'TOKEN_EXPIRED' }).catch(() => {})
    await world.clock.advance(0)
    world.channel.log.length = 0
    await world.open()
    await world.clock.advance(0)
    expect(JSON.stringify(world.channel.log)).not.toContain(token)
  })

  it('C12: tells in every tab that the server replaced the session', async () => {
    world = new World()
    const transport = { refresh: async () => world.server.signIn('bob') }
    const tabs = [await world.signedIn('ada', { transport }), await world.open({ transport })]
    await world.expire()
    void tabs[0]?.session.getAccessToken().catch(() => {})
    await world.clock.advance(100)
    for (const { ended, origins } of tabs) expect([ended, origins]).toEqual([['REPLACED'], ['server']])
  })

  it('C12: refreshes even if the channel throws', async () => {
    world = new World()
    const { session } = await world.signedIn('ada', {
      channel: {
        post: () => {
          throw new Error('closed')
        },
        subscribe: () => () => {},
      },
    })
    await world.expire()
    const operation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
  })
})
