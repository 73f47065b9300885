import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import jwt from 'jsonwebtoken'
import { somebody } from './support/people.ts'
import { operations, refusal, type Tokens } from './support/test-client.ts'
import { refreshTokenSecret, startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ RATE_LIMIT_REFRESH_PER_SESSION: '0' })
})
afterAll(() => server.stop())

const present = (refreshToken: string | null) => server.client().send(operations.refreshToken, { refreshToken })
const reason = async (refreshToken: string | null) => refusal(await present(refreshToken))
const genOf = (token: string | null) => (jwt.decode(token ?? '') as jwt.JwtPayload).gen
const rowOf = async ({ session }: Tokens) =>
  (await server.dataSource.query('SELECT * FROM sessions WHERE id = $1', [session.id]))[0]

it('S5: rotates in one statement and increments the generation by one', async () => {
  const first = await server.client().register(somebody())
  const before = server.statements.length
  const second = await server.client().refresh(first.refreshToken)
  expect(server.statements.slice(before)).toHaveLength(1)
  expect([genOf(first.refreshToken), genOf(second.refreshToken), genOf(second.accessToken)]).toEqual([0, 1, 1])
})

it('S5: keeps one row through 500 rotations, with at least 90 % HOT updates', async () => {
  const signedIn = await server.client().register(somebody())
  const statsOf = async () => {
    await server.dataSource.query('SELECT pg_stat_clear_snapshot()')
    const [stats] = await server.dataSource.query(
      "SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'sessions'",
    )
    return stats as { updates: number; hot: number }
  }
  const before = await statsOf()
  let token = signedIn.refreshToken
  for (let i = 0; i < 500; i += 1) token = (await server.client().refresh(token)).refreshToken
  expect(genOf(token)).toBe(500)
  const [{ count }] = await server.dataSource.query('SELECT count(*)::int FROM sessions WHERE user_id = $1', [
    signedIn.user.id,
  ])
  expect(count).toBe(1)
  // Backends report their statistics about once a second.
  let [updates, hot] = [0, 0]
  for (let tries = 0; updates < 500 && tries < 50; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    const now = await statsOf()
    updates = now.updates - before.updates
    hot = now.hot - before.hot
  }
  expect(updates).toBeGreaterThanOrEqual(500)
  expect(hot / updates).toBeGreaterThanOrEqual(0.9)
})

describe('S6, S7: a repeated refresh', () => {
  it('S6: returns the same successor byte for byte, and the row contains no part of it', async () => {
    const first = await server.client().register(somebody())
    const second = await server.client().refresh(first.refreshToken)
    await server.clock.advance({ seconds: 3 })
    const repeated = await server.client().refresh(first.refreshToken)
    expect(repeated.refreshToken).toBe(second.refreshToken)
    const stored = JSON.stringify(await rowOf(first))
    for (const secret of (second.refreshToken ?? '').split('.')) expect(stored).not.toContain(secret)
  })

  it('S7: returns a new access token without changing the generation or restarting the grace period', async () => {
    const first = await server.client().register(somebody())
    const second = await server.client().refresh(first.refreshToken)
    await server.clock.advance({ seconds: 6 })
    const repeated = await server.client().refresh(first.refreshToken)
    expect(repeated.accessToken).not.toBe(second.accessToken)
    expect((await rowOf(first)).generation).toBe(1)
    await server.clock.advance({ seconds: 5 })
    expect(await reason(first.refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_REUSED' })
  })

  it('S7: rotates once and returns one successor for 24 simultaneous refreshes', async () => {
    const first = await server.client().register(somebody())
    const answers = await Promise.all(Array.from({ length: 24 }, () => server.client().refresh(first.refreshToken)))
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect((await rowOf(first)).generation).toBe(1)
  })

  it('S7: answers only the previous generation: the one before it is reuse even within the grace period', async () => {
    const first = await server.client().register(somebody())
    const second = await server.client().refresh(first.refreshToken)
    await server.client().refresh(second.refreshToken)
    expect(await reason(first.refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_REUSED' })
  })

  it('S7: answers no token twice with a grace period of 0', async () => {
    const strict = await startTestServer({ REFRESH_GRACE_PERIOD: '0' })
    try {
      const first = await strict.client().register(somebody())
      await strict.client().refresh(first.refreshToken)
      // Not even for a statement that began before the rotation and waited for it: its now() is when it began.
      await strict.clock.advance({ seconds: -1 })
      const again = await strict.client().send(operations.refreshToken, { refreshToken: first.refreshToken })
      expect(refusal(again)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_REUSED' })
    } finally {
      await strict.stop()
    }
  })
})

describe('S8: reuse', () => {
  it('S8: revokes the session, records an event and keeps the other devices signed in', async () => {
    const person = somebody()
    const laptop = await server.client().register({ ...person, deviceId: 'laptop' })
    const phone = await server.client().login({ email: person.email, password: person.password, deviceId: 'phone' })
    const next = await server.client().refresh(laptop.refreshToken)
    await server.clock.advance({ seconds: 11 })
    expect(await reason(laptop.refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_REUSED' })
    expect(await reason(next.refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'SESSION_REVOKED' })
    expect(await rowOf(laptop)).toMatchObject({ revoked_reason: 'REFRESH_TOKEN_REUSED', generation: 1 })
    await server.client().refresh(phone.refreshToken)
    const events = await server.dataSource.query(
      `SELECT type, reason FROM security_events WHERE session_id = $1 AND type <> 'SIGNED_IN' ORDER BY type`,
      [laptop.session.id],
    )
    expect(events).toEqual([
      { type: 'REFRESH_TOKEN_REUSED', reason: null },
      { type: 'SESSION_ENDED', reason: 'REFRESH_TOKEN_REUSED' },
    ])
  })

  it('S8: detects the reuse of a token of any age', async () => {
    const first = await server.client().register(somebody())
    let token = first.refreshToken
    for (let day = 0; day < 6; day += 1) {
      await server.clock.advance({ days: 1 })
      token = (await server.client().refresh(token)).refreshToken
    }
    expect(await reason(first.refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_REUSED' })
    expect(await reason(token)).toEqual({ code: 'FORBIDDEN', reason: 'SESSION_REVOKED' })
  })
})

it('S9: rejects a generation ahead of the row and revokes nothing', async () => {
  const first = await server.client().register(somebody())
  const second = await server.client().refresh(first.refreshToken)
  await server.dataSource.query('UPDATE sessions SET generation = 0 WHERE id = $1', [first.session.id])
  expect(await reason(second.refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_INVALID' })
  expect((await rowOf(first)).revoked_at).toBeNull()
  await server.client().refresh(first.refreshToken)
})

describe('S11: refusals', () => {
  it.each([
    ['a missing token', undefined],
    ['null', null],
    ['an empty string', ''],
  ])('S11: answers %s with BAD_USER_INPUT', async (_name, refreshToken) => {
    const answer = await server.client().send(operations.refreshToken, { refreshToken })
    expect(refusal(answer)).toEqual({ code: 'BAD_USER_INPUT', field: 'refreshToken' })
  })

  it('S11: rejects a forged token with REFRESH_TOKEN_INVALID and without an SQL statement', async () => {
    const { refreshToken } = await server.client().register(somebody())
    const claims = jwt.decode(refreshToken ?? '') as object
    const endless = Object.fromEntries(Object.entries(claims).filter(([name]) => name !== 'exp'))
    const header = { alg: 'HS256', typ: 'rt+jwt' } as const
    const before = server.statements.length
    for (const forged of [
      'abc',
      `${refreshToken?.slice(0, -3)}abc`,
      `${refreshToken}${'A'.repeat(5_000)}`,
      jwt.sign(claims, 'k'.repeat(48), { header, keyid: 'test' }),
      jwt.sign({ ...claims, sid: "'; DROP TABLE sessions" }, refreshTokenSecret, { header, keyid: 'test' }),
      ...[-1, 0.5, 2 ** 31 - 1, 2 ** 31, 1e300].map((gen) =>
        jwt.sign({ ...claims, gen }, refreshTokenSecret, { header, keyid: 'test' }),
      ),
      jwt.sign(endless, refreshTokenSecret, { header, keyid: 'test' }),
    ]) {
      expect(await reason(forged)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_INVALID' })
    }
    expect(server.statements.length).toBe(before)
  })

  it('S11: rejects a token of an unknown session with REFRESH_TOKEN_INVALID', async () => {
    const { refreshToken, session } = await server.client().register(somebody())
    await server.dataSource.query('DELETE FROM sessions WHERE id = $1', [session.id])
    expect(await reason(refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_INVALID' })
  })

  it('S11: rejects an expired token with REFRESH_TOKEN_EXPIRED', async () => {
    const { refreshToken } = await server.client().register(somebody())
    await server.clock.advance({ days: 8 })
    expect(await reason(refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_EXPIRED' })
  })
})

describe('S12: lifetimes', () => {
  const expiryAfterADay = async (mode: string, env: Record<string, string> = {}) => {
    const own = await startTestServer({ REFRESH_TOKEN_MODE: mode, ...env })
    try {
      const first = await own.client().register(somebody())
      await own.clock.advance({ days: 1 })
      const second = await own.client().refresh(first.refreshToken)
      const third = await own.client().refresh(second.refreshToken)
      return { first, second, third }
    } finally {
      await own.stop()
    }
  }

  it('S12: sliding mode moves the expiry with each rotation', async () => {
    const { second } = await expiryAfterADay('sliding')
    expect(second.refreshTokenExpiresIn).toBe(7 * 86_400)
  })

  it('S12: fixed mode rotates and keeps the expiry set at sign-in', async () => {
    const { first, second } = await expiryAfterADay('fixed')
    expect(genOf(second.refreshToken)).toBe(1)
    expect(second.refreshTokenExpiresIn).toBeLessThanOrEqual(6 * 86_400)
    expect(expOf(second.refreshToken)).toBe(expOf(first.refreshToken))
  })

  it('S12: static mode returns the same refresh token until it expires', async () => {
    const { first, second, third } = await expiryAfterADay('static')
    expect(second.refreshToken).toBe(first.refreshToken)
    expect(third.refreshToken).toBe(first.refreshToken)
    expect(second.refreshTokenExpiresIn).toBeLessThanOrEqual(6 * 86_400)
  })

  it('S12: sliding mode never exceeds the absolute lifetime', async () => {
    const own = await startTestServer({ SESSION_ABSOLUTE_TTL: '10d' })
    try {
      const first = await own.client().register(somebody())
      await own.clock.advance({ days: 5 })
      const second = await own.client().refresh(first.refreshToken)
      expect(second.refreshTokenExpiresIn).toBeLessThanOrEqual(5 * 86_400)
      await own.clock.advance({ days: 4 })
      const third = await own.client().refresh(second.refreshToken)
      await own.clock.advance({ days: 1 })
      const late = await own.client().send(operations.refreshToken, { refreshToken: third.refreshToken })
      expect(refusal(late)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_EXPIRED' })
    } finally {
      await own.stop()
    }
  })

  it('S12: no access token outlives its session', async () => {
    const own = await startTestServer({ SESSION_ABSOLUTE_TTL: '5s', ACCESS_TOKEN_TTL: '60s' })
    try {
      const first = await own.client().register(somebody())
      expect(first.accessTokenExpiresIn).toBe(5)
      await own.clock.advance({ seconds: 2 })
      const second = await own.client().refresh(first.refreshToken)
      expect(second.accessTokenExpiresIn).toBeLessThanOrEqual(3)
      expect(second.accessTokenExpiresIn).toBeGreaterThanOrEqual(0)
      expect(expOf(second.accessToken)).toBe(expOf(second.refreshToken))
      await own.clock.advance({ seconds: 3 })
      for (const { accessToken } of [first, second]) {
        expect(refusal(await own.client().me(accessToken))).toMatchObject({ reason: 'TOKEN_EXPIRED' })
      }
    } finally {
      await own.stop()
    }
  })

  const expOf = (token: string | null) => (jwt.decode(token ?? '') as jwt.JwtPayload).exp
})
