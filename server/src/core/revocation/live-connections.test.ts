import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import type { AccessClaims } from '../model.ts'
import { createLiveConnections } from './live-connections.ts'
import { createRevocationList } from './revocation-list.ts'

beforeEach(() => {
  jest.useFakeTimers({ now: 0 })
})
afterEach(() => {
  jest.useRealTimers()
})

const DAY_SECONDS = 86_400
const claims = { userId: 'ada', sessionId: 'one', userVersion: 1, expiresAt: 60 } as AccessClaims

function setUp({ maxPerSession = 10 } = {}) {
  const clock = { nowMs: () => Date.now(), monotonicMs: () => Date.now() }
  const list = createRevocationList(clock, 60_000)
  const { hold } = createLiveConnections({ list, clock, maxPerSession })
  const ended: string[] = []
  return { list, ended, hold: (name: string, more = {}) => hold({ ...claims, ...more }, () => ended.push(name)) }
}

it('S17: ends a connection exactly when its token expires, however long the lifetime', () => {
  const { hold, ended } = setUp()
  hold('a minute')
  hold('two months', { expiresAt: 60 * DAY_SECONDS })
  jest.advanceTimersByTime(59_999)
  expect(ended).toEqual([])
  jest.advanceTimersByTime(1)
  expect(ended).toEqual(['a minute'])
  jest.advanceTimersByTime((60 * DAY_SECONDS - 61) * 1_000)
  expect(ended).toEqual(['a minute'])
  jest.advanceTimersByTime(1_000)
  expect(ended).toEqual(['a minute', 'two months'])
})

it('S15, S17: ends the connections of an ended session and of a user whose rights have changed', () => {
  const { hold, ended, list } = setUp()
  hold('ended')
  hold('old rights', { sessionId: 'two' })
  hold('new rights', { sessionId: 'two', userVersion: 2 })
  hold('somebody else', { sessionId: 'three', userId: 'bob' })
  list.sessionEnded('one')
  expect(ended).toEqual(['ended'])
  list.rightsChanged('ada', 2)
  expect(ended).toEqual(['ended', 'old rights'])
})

it('S17: ends a new connection at once when its session or token is no longer valid', () => {
  const { hold, ended, list } = setUp()
  list.sessionEnded('one')
  list.rightsChanged('ada', 2)
  hold('ended')
  hold('old rights', { sessionId: 'two' })
  hold('expired', { sessionId: 'two', userVersion: 2, expiresAt: 0 })
  expect(ended).toEqual(['ended', 'old rights', 'expired'])
})

it('S17: counts connections per session, without released and ended ones', () => {
  const { hold, ended, list } = setUp({ maxPerSession: 2 })
  const release = hold('first')
  hold('second')
  expect(hold('third')).toBeNull()
  expect(hold('another', { sessionId: 'two' })).not.toBeNull()
  release?.()
  expect(hold('third')).not.toBeNull()
  list.sessionEnded('one')
  jest.advanceTimersByTime(60_000)
  expect(ended).toEqual(['second', 'third', 'another'])
})
