import { expect, it } from '@jest/globals'
import { createDatabaseClock } from './clock.ts'

const DAY_MS = 86_400_000

function setUp({ systemMs = 0 } = {}) {
  const system = { now: systemMs, monotonic: 1_000 }
  return { system, clock: createDatabaseClock({ nowMs: () => system.now, monotonicMs: () => system.monotonic }) }
}

it('S15: follows the database, whatever the system says and however it jumps', () => {
  const { system, clock } = setUp({ systemMs: 8 * DAY_MS })
  expect(clock.nowMs()).toBe(8 * DAY_MS)
  system.monotonic += 20
  clock.synchronise(5_000, 1_000) // answered within 20 ms, so it was 5,000 about 10 ms ago
  expect(clock.nowMs()).toBe(5_010)
  expect(clock.systemAheadMs()).toBe(8 * DAY_MS - 5_010)
  system.now -= 20 * DAY_MS
  system.monotonic += 1_000
  expect(clock.nowMs()).toBe(6_010)
})

it('S15: ignores a slow answer while a good one is not old', () => {
  const { system, clock } = setUp()
  clock.synchronise(5_000, system.monotonic)
  system.monotonic += 2_000
  clock.synchronise(9_999, system.monotonic - 1_000)
  expect(clock.nowMs()).toBe(7_000)
  system.monotonic += 30_000
  clock.synchronise(50_000, system.monotonic - 1_000)
  expect(clock.nowMs()).toBe(50_500)
})
