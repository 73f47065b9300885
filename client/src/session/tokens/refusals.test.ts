import { describe, expect, it } from '@jest/globals'
import { judgeRefusal } from './refusals.ts'

const MINUTE_MS = 60_000
/** The ages, in seconds, at which tokens of this lifetime are replaced if one after the other is always refused. */
function agesAtRefresh(lifetimeMs: number, reason: string | undefined, count: number): number[] {
  const ages: number[] = []
  for (let refusals = 0; ages.length < count; ) {
    for (let ageMs = 0; ; ageMs += 100) {
      const verdict = judgeRefusal({ lifetimeMs, refusals }, ageMs, reason)
      if (!verdict.refreshes) continue
      ages.push(ageMs / 1_000)
      refusals = verdict.nextRefusals
      break
    }
  }
  return ages
}

describe('C2: which refusals start a refresh', () => {
  it.each([
    ['of a minute', MINUTE_MS, 5],
    ['of a day', 24 * 60 * MINUTE_MS, 5],
    ['of two seconds', 2_000, 0.2],
    ['that is unknown', Number.POSITIVE_INFINITY, 5],
  ])(
    'C2: a token with a lifetime %s is young at first, unless the server says why it refused it',
    (_, lifetimeMs, s) => {
      const token = { lifetimeMs, refusals: 0 }
      for (const reason of [undefined, 'TOKEN_INVALID', 'TOKEN_MISSING']) {
        expect(judgeRefusal(token, s * 1_000 - 1, reason).refreshes).toBe(false)
        expect(judgeRefusal(token, s * 1_000, reason).refreshes).toBe(true)
      }
      for (const reason of ['TOKEN_EXPIRED', 'SESSION_REVOKED']) {
        expect(judgeRefusal(token, 0, reason).refreshes).toBe(true)
      }
    },
  )

  it('C2: with each token that is refused early, the next one has to be twice as old, up to half of its life', () => {
    expect(agesAtRefresh(MINUTE_MS, undefined, 6)).toEqual([5, 10, 20, 30, 30, 30])
    expect(agesAtRefresh(2_000, undefined, 5)).toEqual([0.2, 0.4, 0.8, 1, 1])
    expect(agesAtRefresh(60 * MINUTE_MS, undefined, 9)).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300])
    expect(agesAtRefresh(Number.POSITIVE_INFINITY, undefined, 5)).toEqual([5, 10, 20, 30, 30])
  })

  it('C2: a clear reason is believed three times in a row, and then counted like any other', () => {
    expect(agesAtRefresh(MINUTE_MS, 'TOKEN_EXPIRED', 7)).toEqual([0, 0, 0, 5, 10, 20, 30])
  })

  it.each([MINUTE_MS, Number.POSITIVE_INFINITY])(
    'C2: a late refusal (of a token that lives for %d ms) does not raise the minimum age of the next token',
    (lifetimeMs) => {
      expect(judgeRefusal({ lifetimeMs, refusals: 0 }, 30_000)).toEqual({ refreshes: true, nextRefusals: 0 })
      expect(judgeRefusal({ lifetimeMs, refusals: 9 }, 30_000)).toEqual({ refreshes: true, nextRefusals: 9 })
    },
  )

  it('C2: a token of unknown age is never young', () => {
    expect(judgeRefusal({ lifetimeMs: MINUTE_MS, refusals: 99 }, Number.POSITIVE_INFINITY).refreshes).toBe(true)
  })
})
