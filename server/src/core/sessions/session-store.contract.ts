import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { NewUser } from '../accounts/user-store.ts'
import type { RevocationReason, SecurityEventType } from '../model.ts'
import type { NewSession, Presentation, RotationAnswer, SessionStore } from './session-store.ts'

/** What the contract needs of a store under test. */
export interface SessionStoreHarness {
  readonly store: SessionStore
  /** Creates a user; `version` is that of the user's rights. */
  createUser(): Promise<{ readonly id: string; readonly credentialVersion: number; readonly version: number }>
  /** An account that does not exist yet. */
  newUser(): NewUser
  /** Adds live sessions of a user without a sign-in, each a second older than the one before it; the first is the newest. */
  addSessions(userId: string, count: number): Promise<void>
  /** Changes the user's rights, so that the version grows. */
  changeRights(userId: string): Promise<void>
  /** Moves the store's clock forward. */
  advance(ms: number): Promise<void>
  /** A user's events, in the order in which they were written. */
  eventsOf(userId: string): Promise<readonly RecordedEvent[]>
  /** What an instance has been notified of since the last call, in order. Waits until nothing is under way. */
  notifications(): Promise<readonly Notification[]>
  /** Runs `work` while no event can be written. */
  withoutEvents<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface RecordedEvent {
  readonly type: SecurityEventType
  readonly sessionId: string | null
  readonly reason: RevocationReason | null
  /** The user who caused the event. */
  readonly by: string | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

/** A session that ended, or an event of a user. */
export type Notification =
  | { readonly kind: 'session'; readonly id: string }
  | { readonly kind: 'event'; readonly userId: string }

const MINUTE = 60_000
const DAY = 86_400_000
/** In seconds. */
const FAR_FUTURE = 4_000_000_000

/** Declares the tests that every implementation of `SessionStore` must pass. */
export function sessionStoreContract(createHarness: () => Promise<SessionStoreHarness>): void {
  let harness: SessionStoreHarness
  let store: SessionStore
  beforeAll(async () => {
    harness = await createHarness()
    store = harness.store
  })
  afterAll(() => harness.close())

  const origin = { userAgent: 'a browser', ipAddress: '192.0.2.1' }

  /** A new user who can open sessions. */
  async function createUser() {
    const { id, credentialVersion, version } = await harness.createUser()
    const newSession: NewSession = {
      ...{ userId: id, credentialVersion, appId: null, deviceId: null, deviceName: null, ...origin },
      ...{ refreshTtlMs: 7 * DAY, absoluteTtlMs: null, maxSessions: 0 },
    }
    async function open(more: Partial<NewSession> = {}) {
      const opened = await store.open({ ...newSession, ...more })
      if (opened === null) throw new Error('The session was not opened.')
      return opened
    }
    return { id, version, newSession, open }
  }

  async function openSession(more: Partial<NewSession> = {}) {
    const user = await createUser()
    const { session } = await user.open(more)
    return { user, session, id: session.id }
  }

  const rotate = (sessionId: string, generation: number, more: Partial<Presentation> = {}) =>
    store.rotate({
      ...{
        sessionId,
        generation,
        tokenExpiresAt: FAR_FUTURE,
        gracePeriodMs: 10_000,
        rotates: true,
        extendsByMs: 7 * DAY,
        refreshesPerMinute: 0,
      },
      ...{ ...origin, ...more },
    })

  function sessionOf(answer: RotationAnswer) {
    if (answer.outcome !== 'rotated' && answer.outcome !== 'repeated')
      throw new Error(`The answer is ${answer.outcome}.`)
    return answer.session
  }

  const liveOf = (userId: string) => store.listLive(userId, { maxItems: 10_000 })
  const idsOf = async (userId: string) => (await liveOf(userId)).map(({ id }) => id)
  const only = async (userId: string) => (await liveOf(userId))[0]
  const typesOf = async (userId: string) => (await harness.eventsOf(userId)).map(({ type }) => type)
  const endsOf = async (userId: string) =>
    (await harness.eventsOf(userId)).filter(({ type }) => type === 'SESSION_ENDED')

  /** The notifications about a user since the last call. */
  async function notified(userId: string, sessionIds: readonly string[]) {
    const all = await harness.notifications()
    return {
      ended: all.flatMap((one) => (one.kind === 'session' && sessionIds.includes(one.id) ? [one.id] : [])),
      events: all.filter((one) => one.kind === 'event' && one.userId === userId).length,
    }
  }

  describe('open', () => {
    it('S1: stores what it is given, and takes all times from its own clock', async () => {
      const user = await createUser()
      const device = { appId: 'app', deviceId: 'device', deviceName: 'Laptop' }
      const { session, now, ended } = await user.open({ ...device, refreshTtlMs: DAY })
      expect(session).toEqual({
        ...{ id: session.id, userId: user.id, ...device, ...origin, generation: 0 },
        ...{ rotatedAt: now, createdAt: now, lastSeenAt: now, expiresAt: new Date(now.getTime() + DAY) },
      })
      expect(ended).toEqual([])
      expect(await only(user.id)).toEqual(session)
    })

    it('S12: never sets the expiry after the absolute end', async () => {
      const { session } = await openSession({ refreshTtlMs: 7 * DAY, absoluteTtlMs: 2 * DAY })
      expect(session.expiresAt.getTime() - session.createdAt.getTime()).toBe(2 * DAY)
    })

    it('S13: replaces the session of the same app and device, and no other', async () => {
      const user = await createUser()
      const other = await createUser()
      const device = { appId: 'app', deviceId: 'device' }
      const first = await user.open(device)
      const kept = [
        await user.open({ appId: null, deviceId: 'device' }),
        await user.open({ appId: 'app', deviceId: 'another' }),
        await user.open(),
        await user.open(),
      ]
      await other.open(device)
      const second = await user.open(device)
      expect(second.ended).toEqual([first.session.id])
      const live = [...kept, second].map(({ session }) => session.id)
      expect((await idsOf(user.id)).sort()).toEqual(live.sort())
      expect(await idsOf(other.id)).toHaveLength(1)
      expect((await user.open({ appId: null, deviceId: 'device' })).ended).toEqual([kept[0]?.session.id])
      expect((await endsOf(user.id)).map(({ reason, by }) => ({ reason, by }))).toEqual([
        { reason: 'REPLACED', by: null },
        { reason: 'REPLACED', by: null },
      ])
    })

    it('S13: of concurrent sign-ins on one device exactly one session stays', async () => {
      const user = await createUser()
      await Promise.all(Array.from({ length: 5 }, () => user.open({ deviceId: 'device' })))
      expect(await idsOf(user.id)).toHaveLength(1)
      expect(await endsOf(user.id)).toHaveLength(4)
    })

    it('S13: revokes the oldest sessions beyond the maximum', async () => {
      const user = await createUser()
      const opened: string[] = []
      for (let i = 0; i < 4; i += 1) {
        opened.push((await user.open()).session.id)
        await harness.advance(1_000)
      }
      const last = await user.open({ maxSessions: 2 })
      expect([...last.ended].sort()).toEqual(opened.slice(0, 3).sort())
      expect(await idsOf(user.id)).toEqual([last.session.id, opened[3]])
      expect((await endsOf(user.id)).map(({ reason }) => reason)).toEqual(Array(3).fill('TOO_MANY_SESSIONS'))
      expect((await user.open({ maxSessions: 1 })).ended).toHaveLength(2)
    })

    it('S13: counts neither revoked nor expired sessions toward the maximum', async () => {
      const user = await createUser()
      await user.open({ refreshTtlMs: 1_000 })
      const revoked = await user.open()
      await store.revoke({ sessionId: revoked.session.id, reason: 'REVOKED', by: null })
      await harness.advance(2_000)
      const kept = await user.open()
      expect((await user.open({ maxSessions: 2 })).ended).toEqual([])
      expect(await idsOf(user.id)).toContain(kept.session.id)
    })

    it('S13: revokes at most 1,000 sessions at each sign-in, the oldest first, until the maximum is reached', async () => {
      const user = await createUser()
      await harness.addSessions(user.id, 1_500)
      const newest = (await liveOf(user.id)).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
      const older = (from: number, to?: number) => newest.slice(from, to).map(({ id }) => id)
      const first = await user.open({ maxSessions: 100 })
      expect([...first.ended].sort()).toEqual(older(500).sort())
      const second = await user.open({ maxSessions: 100 })
      expect([...second.ended].sort()).toEqual(older(98, 500).sort())
      expect(await idsOf(user.id)).toHaveLength(100)
      expect(await idsOf(user.id)).toEqual(expect.arrayContaining([first.session.id, second.session.id]))
    })

    it('S14: opens nothing and revokes nothing when the credentials have changed', async () => {
      const user = await createUser()
      const { session } = await user.open({ deviceId: 'device' })
      const stale = { ...user.newSession, deviceId: 'device', credentialVersion: user.newSession.credentialVersion - 1 }
      expect(await store.open(stale)).toBeNull()
      expect(await store.open({ ...user.newSession, userId: randomUUID() })).toBeNull()
      expect(await idsOf(user.id)).toEqual([session.id])
      expect(await typesOf(user.id)).toEqual(['SIGNED_IN'])
    })

    it('S13, S15: writes SIGNED_IN and SESSION_ENDED, and notifies of both', async () => {
      const user = await createUser()
      const first = (await user.open({ deviceId: 'device' })).session.id
      await harness.notifications()
      const second = (await user.open({ deviceId: 'device' })).session.id
      expect(await notified(user.id, [first, second])).toEqual({ ended: [first], events: 2 })
      expect(await harness.eventsOf(user.id)).toEqual([
        { type: 'SIGNED_IN', sessionId: first, reason: null, by: null, ...origin },
        { type: 'SESSION_ENDED', sessionId: first, reason: 'REPLACED', by: null, userAgent: null, ipAddress: null },
        { type: 'SIGNED_IN', sessionId: second, reason: null, by: null, ...origin },
      ])
    })
  })

  describe('register', () => {
    const terms = {
      appId: 'app',
      deviceId: 'device',
      deviceName: null,
      ...origin,
      refreshTtlMs: DAY,
      absoluteTtlMs: null,
    }

    it('S1: creates the account with its first session, writes SIGNED_IN and notifies', async () => {
      const account = harness.newUser()
      const { user, session, now, ended } = await store.register(account, terms)
      const { username, email, role } = account
      expect(user).toEqual({ id: session.userId, username, email, role, version: 1, createdAt: expect.any(Date) })
      expect(session).toMatchObject({ deviceId: 'device', createdAt: now, expiresAt: new Date(now.getTime() + DAY) })
      expect(ended).toEqual([])
      expect(await only(user.id)).toEqual(session)
      expect(await rotate(session.id, 0)).toMatchObject({ outcome: 'rotated', user })
      expect(await typesOf(user.id)).toEqual(['SIGNED_IN'])
      expect((await notified(user.id, [])).events).toBe(1)
    })

    it('S1: creates neither when the event cannot be written, so that the sign-up can be repeated', async () => {
      const account = harness.newUser()
      await harness.withoutEvents(() => expect(store.register(account, terms)).rejects.toThrow())
      const { user, session } = await store.register(account, terms)
      expect(await idsOf(user.id)).toEqual([session.id])
    })

    it('S1: of concurrent sign-ups with one email exactly one succeeds', async () => {
      const { email } = harness.newUser()
      const signUps = Array.from({ length: 5 }, () => store.register({ ...harness.newUser(), email }, terms))
      const results = await Promise.allSettled(signUps)
      const conflicts = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      expect(conflicts).toHaveLength(4)
      for (const conflict of conflicts) {
        expect(conflict).toMatchObject({ code: 'CONFLICT', details: { field: 'email' } })
      }
    })
  })

  describe('rotate', () => {
    it('S5: `rotated` moves the generation by one and returns the session with its user', async () => {
      const { user, session, id } = await openSession()
      await harness.advance(MINUTE)
      const answer = await rotate(id, 0, { userAgent: 'an update' })
      if (answer.outcome !== 'rotated') throw new Error(`The answer is ${answer.outcome}.`)
      const { now } = answer
      expect(now.getTime() - session.createdAt.getTime()).toBeGreaterThanOrEqual(MINUTE)
      expect(answer.session).toEqual({
        ...{ ...session, generation: 1, userAgent: 'an update' },
        ...{ rotatedAt: now, lastSeenAt: now, expiresAt: new Date(now.getTime() + 7 * DAY) },
      })
      expect(await only(user.id)).toEqual(answer.session)
      expect(answer.user).toMatchObject({ id: user.id, version: user.version })
      expect(answer.user).not.toHaveProperty('passwordHash')
    })

    it('S5: of many concurrent rotations of one generation exactly one rotates', async () => {
      const { id } = await openSession()
      const answers = await Promise.all(Array.from({ length: 24 }, () => rotate(id, 0)))
      expect(answers.filter(({ outcome }) => outcome === 'rotated')).toHaveLength(1)
      expect(answers.filter(({ outcome }) => outcome === 'repeated')).toHaveLength(23)
      expect(new Set(answers.map((answer) => sessionOf(answer).rotatedAt.getTime())).size).toBe(1)
    })

    it('S6, S7: `repeated` answers the previous generation and leaves everything a token is derived from unchanged', async () => {
      const { id } = await openSession()
      const rotated = sessionOf(await rotate(id, 0))
      await harness.advance(6_000)
      const answer = await rotate(id, 0)
      expect(answer.outcome).toBe('repeated')
      const { generation, rotatedAt, expiresAt } = sessionOf(answer)
      expect({ generation, rotatedAt, expiresAt }).toEqual({
        ...{ generation: 1, rotatedAt: rotated.rotatedAt, expiresAt: rotated.expiresAt },
      })
      await harness.advance(5_000) // the grace period did not start again
      expect(await rotate(id, 0)).toEqual({ outcome: 'reused' })
    })

    it('S7: a grace period of 0 answers no generation twice', async () => {
      const { id } = await openSession()
      await rotate(id, 0)
      expect(await rotate(id, 0, { gracePeriodMs: 0 })).toEqual({ outcome: 'reused' })
    })

    it('S8: `reused` revokes that session only, writes both events and notifies', async () => {
      const { user, id } = await openSession()
      const other = (await user.open()).session.id
      await rotate(id, 0)
      await rotate(id, 1)
      await harness.notifications()
      const thief = { userAgent: 'a thief', ipAddress: '203.0.113.9' }
      expect(await rotate(id, 0, thief)).toEqual({ outcome: 'reused' })
      expect(await rotate(id, 2)).toEqual({ outcome: 'revoked' })
      expect(await notified(user.id, [id, other])).toEqual({ ended: [id], events: 2 })
      expect(await idsOf(user.id)).toEqual([other])
      const nobody = { by: null, userAgent: null, ipAddress: null }
      const events = (await harness.eventsOf(user.id)).filter(({ type }) => type !== 'SIGNED_IN')
      expect(events).toHaveLength(2)
      expect(events).toContainEqual({ ...thief, type: 'REFRESH_TOKEN_REUSED', sessionId: id, reason: null, by: null })
      expect(events).toContainEqual({
        ...{ ...nobody, type: 'SESSION_ENDED', sessionId: id, reason: 'REFRESH_TOKEN_REUSED' },
      })
    })

    it('S8: does not revoke for reuse when the event cannot be written', async () => {
      const { user, id } = await openSession()
      await rotate(id, 0)
      await rotate(id, 1)
      await harness.withoutEvents(() => expect(rotate(id, 0)).rejects.toThrow())
      expect(await idsOf(user.id)).toEqual([id])
      expect(await rotate(id, 0)).toEqual({ outcome: 'reused' })
    })

    it('S9: `ahead` changes nothing', async () => {
      const { user, session, id } = await openSession()
      expect(await rotate(id, 1)).toEqual({ outcome: 'ahead' })
      expect(await only(user.id)).toEqual(session)
    })

    it('S12: answers `expired` when the presented token has expired by the clock of the store', async () => {
      const { id, session } = await openSession()
      const tokenExpiresAt = Math.floor(session.createdAt.getTime() / 1000) + 60
      expect((await rotate(id, 0, { tokenExpiresAt })).outcome).toBe('rotated')
      await harness.advance(MINUTE)
      expect(await rotate(id, 0, { tokenExpiresAt })).toEqual({ outcome: 'expired' })
      expect((await rotate(id, 1)).outcome).toBe('rotated')
    })

    it('S11: answers `expired`, `revoked` and `unknown`', async () => {
      const { id } = await openSession({ refreshTtlMs: MINUTE })
      await harness.advance(MINUTE)
      expect(await rotate(id, 0)).toEqual({ outcome: 'expired' })
      const revoked = (await openSession()).id
      await store.revoke({ sessionId: revoked, reason: 'SIGNED_OUT', by: null })
      expect(await rotate(revoked, 0)).toEqual({ outcome: 'revoked' })
      expect(await rotate(randomUUID(), 0)).toEqual({ outcome: 'unknown' })
    })

    it('S12: leaves the expiry unchanged unless it extends it, and never passes the absolute end', async () => {
      const { session, id } = await openSession({ refreshTtlMs: 2 * DAY, absoluteTtlMs: 3 * DAY })
      await harness.advance(DAY)
      expect(sessionOf(await rotate(id, 0, { extendsByMs: null })).expiresAt).toEqual(session.expiresAt)
      const extended = sessionOf(await rotate(id, 1, { extendsByMs: 7 * DAY }))
      expect(extended.expiresAt.getTime() - session.createdAt.getTime()).toBe(3 * DAY)
    })

    it('S12: without rotation the current generation is answered again and again', async () => {
      const { id } = await openSession()
      for (const _ of [1, 2, 3]) {
        await harness.advance(MINUTE)
        const answer = await rotate(id, 0, { rotates: false, extendsByMs: null })
        expect(answer).toMatchObject({ outcome: 'repeated', session: { generation: 0 } })
      }
    })

    it('S19: `limited` says how long to wait and changes nothing', async () => {
      const { user, id } = await openSession()
      const limit = { refreshesPerMinute: 2 }
      await rotate(id, 0, limit)
      const before = sessionOf(await rotate(id, 1, limit))
      await harness.advance(20_000)
      const answer = await rotate(id, 2, limit)
      if (answer.outcome !== 'limited') throw new Error(`The answer is ${answer.outcome}.`)
      expect(answer.retryAfterMs).toBeGreaterThan(0)
      expect(answer.retryAfterMs).toBeLessThanOrEqual(40_000)
      expect(await only(user.id)).toEqual(before)
      await harness.advance(answer.retryAfterMs)
      expect((await rotate(id, 2, limit)).outcome).toBe('rotated')
    })

    it('S15: a plain rotation writes no event and sends no notification', async () => {
      const { user, id } = await openSession()
      await harness.notifications()
      await rotate(id, 0)
      await rotate(id, 0)
      expect(await notified(user.id, [id])).toEqual({ ended: [], events: 0 })
      expect(await typesOf(user.id)).toEqual(['SIGNED_IN'])
    })

    it('records a refresh from a new address once, with that address', async () => {
      const { user, id } = await openSession()
      await harness.notifications()
      await rotate(id, 0, { ipAddress: '198.51.100.7' })
      await rotate(id, 1, { ipAddress: '198.51.100.7' })
      expect(await notified(user.id, [id])).toEqual({ ended: [], events: 1 })
      expect((await harness.eventsOf(user.id)).slice(1)).toEqual([
        {
          ...{ type: 'REFRESHED_FROM_NEW_ADDRESS', sessionId: id, reason: null, by: null },
          ...{ ...origin, ipAddress: '198.51.100.7' },
        },
      ])
    })
  })

  describe('revoke', () => {
    it('S14: revokes one session, once, with reason and user', async () => {
      const { user, id } = await openSession()
      const other = (await user.open()).session.id
      await harness.notifications()
      const revocation = { userId: user.id, sessionId: id, reason: 'REVOKED', by: user.id } as const
      expect(await store.revoke(revocation)).toEqual([id])
      expect(await store.revoke(revocation)).toEqual([])
      expect(await notified(user.id, [id, other])).toEqual({ ended: [id], events: 1 })
      expect(await idsOf(user.id)).toEqual([other])
      expect(await endsOf(user.id)).toEqual([
        {
          ...{ type: 'SESSION_ENDED', sessionId: id, reason: 'REVOKED', by: user.id },
          ...{ userAgent: null, ipAddress: null },
        },
      ])
    })

    it('S14: of concurrent revocations exactly one revokes the session', async () => {
      const { user, id } = await openSession()
      const revoke = () => store.revoke({ sessionId: id, reason: 'SIGNED_OUT', by: null })
      const ended = await Promise.all(Array.from({ length: 8 }, revoke))
      expect(ended.flat()).toEqual([id])
      expect(await endsOf(user.id)).toHaveLength(1)
    })

    it('S14: revokes all sessions of a user, or all but one', async () => {
      const user = await createUser()
      const other = await openSession()
      const ids = [await user.open(), await user.open(), await user.open()].map(({ session }) => session.id)
      const [kept = '', ...rest] = ids
      const ended = await store.revoke({ userId: user.id, exceptSessionId: kept, reason: 'REVOKED', by: user.id })
      expect([...ended].sort()).toEqual([...rest].sort())
      expect(await store.revoke({ userId: user.id, reason: 'REVOKED_BY_ADMIN', by: other.user.id })).toEqual([kept])
      expect(await idsOf(user.id)).toEqual([])
      expect(await idsOf(other.user.id)).toEqual([other.id])
      const byAdmin = (await endsOf(user.id)).filter(({ by }) => by === other.user.id)
      expect(byAdmin.map(({ reason }) => reason)).toEqual(['REVOKED_BY_ADMIN'])
    })

    it('S14: revokes any number of sessions, and each exactly once, also when two calls do it', async () => {
      const { user, id } = await openSession()
      await harness.addSessions(user.id, 2_500)
      const all = await idsOf(user.id)
      await harness.notifications()
      const revoke = () => store.revoke({ userId: user.id, exceptSessionId: id, reason: 'REVOKED', by: user.id })
      const ended = (await Promise.all([revoke(), revoke()])).flat()
      expect([...ended, id].sort()).toEqual([...all].sort())
      expect(await idsOf(user.id)).toEqual([id])
      expect((await endsOf(user.id)).map(({ sessionId }) => sessionId).sort()).toEqual([...ended].sort())
      const { ended: told, events } = await notified(user.id, all)
      expect([told.sort(), events]).toEqual([[...ended].sort(), 2_500])
    })

    it('S14: does not revoke a session of another user, nor one that has expired', async () => {
      const { user, id } = await openSession({ refreshTtlMs: MINUTE })
      const stranger = await createUser()
      const revocation = { sessionId: id, reason: 'REVOKED', by: null } as const
      expect(await store.revoke({ ...revocation, userId: stranger.id })).toEqual([])
      expect(await idsOf(user.id)).toEqual([id])
      await harness.advance(MINUTE)
      expect(await store.revoke(revocation)).toEqual([])
      expect(await endsOf(user.id)).toEqual([])
    })

    it('refuses a scope without user and session', async () => {
      await expect(store.revoke({ reason: 'REVOKED', by: null })).rejects.toThrow(Error)
    })

    it('revokes nothing when an event cannot be written', async () => {
      const user = await createUser()
      const ids = [(await user.open()).session.id, (await user.open()).session.id]
      await harness.notifications()
      const revoke = () => store.revoke({ userId: user.id, reason: 'REVOKED', by: null })
      await harness.withoutEvents(() => expect(revoke()).rejects.toThrow())
      expect(await notified(user.id, ids)).toEqual({ ended: [], events: 0 })
      expect((await idsOf(user.id)).sort()).toEqual(ids.sort())
    })
  })

  describe('rename', () => {
    it('S14: renames a live session of the user', async () => {
      const { user, session, id } = await openSession()
      expect(await store.rename(user.id, id, 'Kitchen')).toEqual({ ...session, deviceName: 'Kitchen' })
      expect(await store.rename(user.id, id, null)).toEqual({ ...session, deviceName: null })
      expect(await only(user.id)).toEqual({ ...session, deviceName: null })
    })

    it('S14: does not rename a session that is not the user’s, revoked or expired', async () => {
      const { user, session, id } = await openSession({ refreshTtlMs: MINUTE })
      const stranger = await openSession()
      expect(await store.rename(stranger.user.id, id, 'Mine')).toBeNull()
      expect(await only(user.id)).toEqual(session)
      await store.revoke({ sessionId: stranger.id, reason: 'REVOKED', by: null })
      expect(await store.rename(stranger.user.id, stranger.id, 'Gone')).toBeNull()
      await harness.advance(MINUTE)
      expect(await store.rename(user.id, id, 'Late')).toBeNull()
    })
  })

  describe('touch', () => {
    it('S13: writes when sessions were last used, and never moves a time back', async () => {
      const user = await createUser()
      const [first, second] = [(await user.open()).session, (await user.open()).session]
      const later = first.lastSeenAt.getTime() + 5_000
      const earlier = second.lastSeenAt.getTime() - 5_000
      await store.touch(new Map([...[[first.id, later]], ...[[second.id, earlier]]] as [string, number][]))
      expect(await liveOf(user.id)).toEqual([{ ...first, lastSeenAt: new Date(later) }, second])
    })

    it('S13: ignores sessions that are revoked or unknown', async () => {
      const { user, id } = await openSession()
      await store.revoke({ sessionId: id, reason: 'REVOKED', by: null })
      await store.touch(new Map([id, randomUUID()].map((one) => [one, Date.now() + DAY])))
      expect(await idsOf(user.id)).toEqual([])
    })
  })

  describe('refusalOf', () => {
    it('S15: refuses revoked and unknown sessions, and tokens from before a change of rights', async () => {
      const { user, id } = await openSession()
      const claims = { sessionId: id, userVersion: user.version }
      expect(await store.refusalOf(claims)).toBeNull()
      expect(await store.refusalOf({ ...claims, sessionId: randomUUID() })).toBe('SESSION_REVOKED')
      await harness.changeRights(user.id)
      expect(await store.refusalOf(claims)).toBe('TOKEN_EXPIRED')
      expect(await store.refusalOf({ ...claims, userVersion: user.version + 1 })).toBeNull()
      await store.revoke({ sessionId: id, reason: 'SIGNED_OUT', by: null })
      expect(await store.refusalOf(claims)).toBe('SESSION_REVOKED')
    })
  })

  describe('listLive', () => {
    it('S14: lists the last used first, and only live sessions of that user', async () => {
      const user = await createUser()
      await openSession()
      await user.open({ refreshTtlMs: 1_000 })
      const ids: string[] = []
      for (let i = 0; i < 4; i += 1) {
        await harness.advance(1_000)
        ids.unshift((await user.open()).session.id)
      }
      const [fourth = '', third = '', second = '', first = ''] = ids
      await store.revoke({ sessionId: third, reason: 'REVOKED', by: null })
      expect(await idsOf(user.id)).toEqual([fourth, second, first])
      await harness.advance(1_000)
      await rotate(first, 0)
      expect(await idsOf(user.id)).toEqual([first, fourth, second])
    })

    it('S14: puts `firstId` first and returns at most `maxItems`', async () => {
      const user = await createUser()
      const ids: string[] = []
      for (let i = 0; i < 3; i += 1) {
        ids.unshift((await user.open()).session.id)
        await harness.advance(1_000)
      }
      const [third = '', second = '', first = ''] = ids
      const list = async (firstId: string, maxItems: number) =>
        (await store.listLive(user.id, { firstId, maxItems })).map(({ id }) => id)
      expect(await list(first, 10)).toEqual([first, third, second])
      expect(await list(first, 2)).toEqual([first, third])
      expect(await list(randomUUID(), 10)).toEqual([third, second, first])
    })
  })
}
