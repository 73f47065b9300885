import { afterEach, describe, expect, it } from '@jest/globals'
import { SessionEndedError } from '../src/session/index.ts'
import { follow, World } from './support/tabs.ts'
import { settle } from './support/virtual-clock.ts'

describe('C6: when the session has ended', () => {
  let world: World
  afterEach(() => world.dispose())

  it('C6: rejects all twelve waiting operations with the reason, and ends the session once in each tab', async () => {
    world = new World()
    const first = await world.signedIn()
    const second = await world.open()
    await world.expire()
    world.server.revoke('ada')
    const operations = [first, second].flatMap(({ session }) =>
      Array.from({ length: 6 }, () => follow(session.getAccessToken())),
    )
    await world.clock.advance(100)
    for (const { outcome } of operations) expect(outcome).toBe('ended: SESSION_REVOKED')
    for (const { session, ended, origins } of [first, second]) {
      expect(ended).toEqual(['SESSION_REVOKED'])
      expect(origins).toEqual(['server'])
      expect(session.state).toBe('signedOut')
      expect(session.userId).toBeNull()
      expect(session.endReason).toBe('SESSION_REVOKED')
      expect(await session.getAccessToken()).toBeNull()
    }
    expect(await world.storage.read()).toMatchObject({ userId: null })
    expect(await world.storage.read()).not.toHaveProperty('refreshToken')
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C6: rejects an operation refused after the end with the reason, without a refresh', async () => {
    world = new World()
    const { session } = await world.signedIn()
    const failed = await session.getAccessToken()
    world.server.revoke('ada')
    const first = follow(session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' }))
    await world.clock.advance(100)
    expect(first.outcome).toBe('ended: SESSION_REVOKED')
    await expect(session.getAccessToken({ failed, reason: 'TOKEN_EXPIRED' })).rejects.toThrow(SessionEndedError)
    expect(world.server.refreshCalls).toBe(1)
  })

  it('C6: an aborted operation stops waiting at once, and the refresh continues for the others', async () => {
    world = new World()
    const { session } = await world.signedIn()
    await world.expire()
    const abort = new AbortController()
    const leaving = follow(session.getAccessToken({ signal: abort.signal }))
    const staying = follow(session.getAccessToken())
    await world.clock.advance(50)
    abort.abort(new Error('changed my mind'))
    await settle()
    expect(leaving.outcome).toBe('Error: changed my mind')
    await world.clock.advance(50)
    expect(world.server.accepts(staying.outcome)).toBe('ada')
  })

  it.each(['before', 'while'])(
    'C6: an abort without a reason, as in older React Natives, is an AbortError (%s)',
    async (when) => {
      world = new World()
      const { session } = await world.signedIn()
      await world.expire()
      const abort = new AbortController()
      const signal = Object.defineProperty(abort.signal, 'reason', { value: undefined })
      if (when === 'before') abort.abort()
      const operation = session.getAccessToken({ signal }).catch((error: unknown) => error)
      await settle()
      abort.abort()
      const error = await operation
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({ name: 'AbortError' })
    },
  )

  it('C6: does not refresh for an operation that is already aborted', async () => {
    world = new World()
    const { session } = await world.signedIn()
    await world.expire()
    await expect(session.getAccessToken({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
    expect(world.server.refreshCalls).toBe(0)
  })

  it('C6: dispose() leaves no listener, timer or waiting operation, and does not end the session', async () => {
    world = new World()
    const tab = await world.signedIn()
    await world.expire()
    world.server.faults = ['hangs', 'hangs', 'hangs']
    const operations = Array.from({ length: 3 }, () => follow(tab.session.getAccessToken()))
    await world.clock.advance(50)
    tab.session.dispose()
    await settle()
    for (const { outcome } of operations) expect(outcome).toBe('ended: DISPOSED')
    expect(world.clock.pending).toBe(0)
    expect(world.channel.listening).toBe(0)
    expect(tab.page.listening).toBe(0)
    expect(tab.ended).toEqual([])
    await expect(tab.session.getAccessToken()).rejects.toMatchObject({ reason: 'DISPOSED' })

    expect(world.server.isLive('ada')).toBe(true)
    world.server.faults = []
    const reopened = await world.open()
    const operation = follow(reopened.session.getAccessToken())
    await world.clock.advance(100)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
  })

  it.each(['signOut', 'dispose'] as const)('C6: lets a listener call %s() at the start of a refresh', async (end) => {
    world = new World()
    const { session } = await world.signedIn()
    await world.expire()
    session.events.subscribe(({ type }) => type === 'refreshStarted' && void session[end]())
    const operation = follow(session.getAccessToken())
    await world.clock.advance(100)
    expect(operation.outcome).toBe(end === 'signOut' ? 'ended: SIGNED_OUT' : 'ended: DISPOSED')
  })

  it.each(['queueing for the lock', 'between two attempts', 'signing out'])(
    'C6: dispose() while %s leaves no timer behind',
    async (moment) => {
      world = new World()
      const { session } = await world.signedIn('ada', {
        transport: {
          refresh: () => Promise.reject(new Error('503')),
          signOut: () => Promise.reject(new Error('503')),
        },
      })
      await world.expire()
      if (moment === 'queueing for the lock') world.lock.freeze()
      if (moment === 'signing out') void session.signOut()
      else void session.getAccessToken().catch(() => {})
      await world.clock.advance(10)
      expect(world.clock.pending).toBeGreaterThan(0)
      session.dispose()
      await settle()
      expect(world.clock.pending).toBe(0)
    },
  )
})
