import { describe, expect, it } from '@jest/globals'
import type { AccessClaims } from '../model.ts'
import { createRevocationList } from './revocation-list.ts'

const TTL_MS = 60_000
const HOUR_MS = 3_600_000
const claims = { userId: 'ada', sessionId: 'one', userVersion: 1, issuedAt: 100 } as AccessClaims

function setUp() {
  const clock = { now: 0, monotonic: 0 }
  const list = createRevocationList({ nowMs: () => clock.now, monotonicMs: () => clock.monotonic }, TTL_MS)
  const pass = (ms: number) => {
    clock.now += ms
    clock.monotonic += ms
  }
  return { clock, list, pass }
}

describe('S15: the list forgets nothing that a token could still need', () => {
  it('S15: drops an entry when all tokens from before it have expired', () => {
    const { list, pass } = setUp()
    list.sessionEnded('one')
    list.rightsChanged('ada', 2)
    pass(list.keptMs - 1)
    list.prune()
    expect(list.size).toBe(2)
    pass(1)
    list.prune()
    expect(list.size).toBe(0)
  })

  it('S15: keeps entries when the clock jumps an hour ahead and back', () => {
    const { clock, list } = setUp()
    list.sessionEnded('one')
    clock.now += HOUR_MS
    list.prune()
    clock.now -= HOUR_MS
    list.prune()
    expect(list.refusalOf(claims)).toBe('SESSION_REVOKED')
  })

  it('S15: keeps entries for longer when the clock is set back, because tokens from before then live longer', () => {
    const { clock, list, pass } = setUp()
    list.sessionEnded('one')
    clock.now -= HOUR_MS
    pass(list.keptMs)
    list.prune()
    expect(list.refusalOf(claims)).toBe('SESSION_REVOKED')
    pass(HOUR_MS)
    list.prune()
    expect(list.size).toBe(0)
  })
})

it('S15: refuses every token that was issued before all sessions ended, and none from after it', () => {
  const { clock, list } = setUp()
  clock.now = 200_000
  let told = 0
  list.onRightsChanged(() => {
    told += 1
  })
  list.allEnded(100)
  list.allEnded(50)
  expect(list.refusalOf(claims)).toBe('SESSION_REVOKED')
  expect(list.refusalOf({ ...claims, issuedAt: 101 })).toBeNull()
  expect(told).toBe(1)
  list.allEnded(1_000_000)
  expect(list.refusalOf({ ...claims, issuedAt: 200 })).toBe('SESSION_REVOKED')
  expect(list.refusalOf({ ...claims, issuedAt: 201 })).toBeNull()
})
