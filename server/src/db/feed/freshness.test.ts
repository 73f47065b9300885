import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { createFreshness } from './freshness.ts'

beforeEach(() => {
  jest.useFakeTimers({ now: 0 })
})
afterEach(() => {
  jest.useRealTimers()
})

it('S15: becomes overdue after half of the timeout, and is lost after all of it', () => {
  const freshness = createFreshness(3_000)
  expect(freshness.state()).toBe('lost')
  freshness.proven(freshness.mark())
  expect(freshness.state()).toBe('current')
  jest.advanceTimersByTime(1_499)
  expect(freshness.state()).toBe('current')
  jest.advanceTimersByTime(1)
  expect(freshness.state()).toBe('overdue')
  jest.advanceTimersByTime(1_500)
  expect(freshness.state()).toBe('lost')
  freshness.proven(freshness.mark())
  freshness.lost()
  expect(freshness.state()).toBe('lost')
})

it('S15: trusts nothing from before the machine was suspended', () => {
  const freshness = createFreshness(3_000)
  freshness.proven(freshness.mark())
  jest.setSystemTime(3_600_000) // the monotonic clock stands still meanwhile
  expect(freshness.state()).toBe('lost')
})
