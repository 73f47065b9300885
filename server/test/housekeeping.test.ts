import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createHousekeeping, type Housekeeping, type Removed } from '../src/db/housekeeping.ts'
import { somebody } from './support/people.ts'
import { operations, refusal, type Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

const MINUTE = 60_000
const DAY = 86_400_000

let server: TestServer
let housekeeping: Housekeeping
beforeAll(async () => {
  server = await startTestServer({ REFRESH_TOKEN_TTL: '7d', SESSION_ABSOLUTE_TTL: '30d' })
  housekeeping = keep()
})
afterAll(() => server.stop())
beforeEach(() => server.clock.advance({ days: 100 })) // what earlier tests left behind is now old
beforeEach(async () => void (await housekeeping.run()))

/** The defaults of the app: an access-token lifetime of one minute, plus one minute for clock skew. */
const keep = (more: { keepEventsMs?: number; intervalMs?: number } = {}) =>
  createHousekeeping({ dataSource: server.dataSource, keepSessionsMs: 2 * MINUTE, keepEventsMs: 90 * DAY, ...more })

const query = (sql: string, parameters: unknown[] = []) => server.dataSource.query(sql, parameters)
const isThere = async ({ session }: Tokens) =>
  (await query('SELECT FROM sessions WHERE id = $1', [session.id])).length > 0
const present = async (token: string | null) =>
  refusal(await server.client().send(operations.refreshToken, { refreshToken: token }))
const register = () => server.client().register(somebody())

describe('S22: session rows', () => {
  it('S22: keeps an expired session until its last access token must have expired, then deletes it', async () => {
    const tokens = await register()
    await server.clock.advance({ days: 7, seconds: 119 })
    expect(await housekeeping.run()).toMatchObject({ sessions: 0 })
    expect(await isThere(tokens)).toBe(true)
    await server.clock.advance({ seconds: 2 })
    expect(await housekeeping.run()).toMatchObject({ sessions: 1 })
    expect(await isThere(tokens)).toBe(false)
    expect(await present(tokens.refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_EXPIRED' })
  })

  it('S22: keeps a revoked session until its tokens have expired, and recognises them until then (S8)', async () => {
    const first = await register()
    const second = await server.client().refresh(first.refreshToken)
    await server.client().refresh(second.refreshToken)
    expect((await present(first.refreshToken))?.reason).toBe('REFRESH_TOKEN_REUSED')
    await server.clock.advance({ days: 6, seconds: 86_390 })
    expect(await housekeeping.run()).toMatchObject({ sessions: 0 })
    expect((await present(second.refreshToken))?.reason).toBe('SESSION_REVOKED')
    await server.clock.advance({ minutes: 3 })
    expect(await housekeeping.run()).toMatchObject({ sessions: 1 })
    for (const { refreshToken } of [first, second]) {
      expect((await present(refreshToken))?.reason).toBe('REFRESH_TOKEN_EXPIRED')
    }
  })

  it('S22: keeps an active session, however old it is', async () => {
    let tokens = await register()
    for (let week = 0; week < 4; week++) {
      await server.clock.advance({ days: 6 })
      tokens = await server.client().refresh(tokens.refreshToken)
      expect(await housekeeping.run()).toMatchObject({ sessions: 0 })
    }
    expect((await server.client().me(tokens.accessToken)).body.errors).toBeUndefined()
  })

  it('S22: rejects a token that outlives its row, as after a shortened lifetime, and ends nothing', async () => {
    const [tokens, other] = [await register(), await register()]
    await query(`UPDATE sessions SET expires_at = now() - interval '1 day' WHERE id = $1`, [tokens.session.id])
    expect(await housekeeping.run()).toMatchObject({ sessions: 1 })
    expect(await present(tokens.refreshToken)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_INVALID' })
    expect(await isThere(other)).toBe(true)
  })

  it('S22: deletes 20,000 rows in batches, keeps live sessions, and answers requests meanwhile', async () => {
    const person = await register()
    // In parts, because the statements of the server have a time limit.
    for (let part = 0; part < 10; part++) {
      await query(
        `INSERT INTO sessions (id, user_id, rotated_at, created_at, last_seen_at, refresh_window_at, expires_at)
         SELECT gen_random_uuid(), $1, now(), now(), now(), now(),
           now() + CASE WHEN n % 100 = 0 THEN interval '1 day' ELSE interval '-1 day' END
         FROM generate_series(1, 2000) AS n`,
        [person.user.id],
      )
    }
    const before = server.statements.length
    const pass = housekeeping.run()
    const answers = await Promise.all(Array.from({ length: 20 }, () => server.client().me(person.accessToken)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(await pass).toMatchObject({ sessions: 19_800 })
    const deletes = server.statements.slice(before).filter((statement) => statement.includes('DELETE FROM sessions'))
    expect(deletes.length).toBeGreaterThan(1)
    expect(await query('SELECT count(*)::integer FROM sessions')).toEqual([{ count: 201 }])
    const plan = JSON.stringify(await query(`EXPLAIN ${deletes[0]}`, [0]))
    expect(plan).toContain('Tid Range Scan')
    expect(plan).not.toContain('Seq Scan')
  })

  it('S22: skips a locked row without waiting, and deletes it on the next pass', async () => {
    const tokens = await register()
    await server.clock.advance({ days: 8 })
    const holder = server.dataSource.createQueryRunner()
    await holder.startTransaction()
    await holder.query('SELECT FROM sessions WHERE id = $1 FOR UPDATE', [tokens.session.id])
    expect(await housekeeping.run()).toMatchObject({ sessions: 0 })
    await holder.rollbackTransaction()
    await holder.release()
    expect(await housekeeping.run()).toMatchObject({ sessions: 1 })
  })
})

describe('S22: events and counters', () => {
  it('S22: deletes events older than EVENT_RETENTION, or none when it is 0', async () => {
    const { accessToken } = await register()
    await server.clock.advance({ days: 89 })
    expect(await housekeeping.run()).toMatchObject({ securityEvents: 0 })
    await server.client().logout(accessToken)
    await server.clock.advance({ days: 1, seconds: 1 })
    expect(await keep({ keepEventsMs: 0 }).run()).toMatchObject({ securityEvents: 0 })
    expect(await housekeeping.run()).toMatchObject({ securityEvents: 1 })
  })

  it('S22: deletes thousands of old events in one pass', async () => {
    const { user } = await register()
    await query(
      `INSERT INTO security_events (user_id, type, at)
       SELECT $1, 'SIGNED_IN', now() - interval '91 days' + n * interval '1 second' FROM generate_series(1, 9000) AS n`,
      [user.id],
    )
    await query('DELETE FROM security_events WHERE id = (SELECT min(id) FROM security_events)') // that of the sign-up
    expect(await housekeeping.run()).toMatchObject({ securityEvents: 9_000 })
  })

  it('S22: deletes old events even if thousands with lower ids are dated in the future', async () => {
    const { user } = await register()
    const insert = (count: number, at: string) =>
      query(
        `INSERT INTO security_events (user_id, type, at)
         SELECT $1, 'SIGNED_IN', now() + $3::interval FROM generate_series(1, $2::integer)`,
        [user.id, count, at],
      )
    await insert(4_000, '10 days')
    await insert(4_500, '-91 days')
    expect(await housekeeping.run()).toMatchObject({ securityEvents: 4_500 })
  })

  it('S22: finds old events in the index by time, wherever they are', async () => {
    const { user } = await register()
    await query('ALTER TABLE security_events DISABLE TRIGGER USER') // nobody needs 40,000 notifications
    await query(
      `INSERT INTO security_events (user_id, type, at)
       SELECT $1, 'SIGNED_IN', now() - (n % 80 + CASE WHEN n % 100 = 0 THEN 91 ELSE 0 END) * interval '1 day'
       FROM generate_series(1, 40000) AS n`,
      [user.id],
    )
    await query('ALTER TABLE security_events ENABLE TRIGGER USER')
    const before = server.statements.length
    expect(await housekeeping.run()).toMatchObject({ securityEvents: 400 })
    await query('ANALYZE security_events')
    const [statement] = server.statements.slice(before).filter((one) => one.includes('DELETE FROM security_events'))
    const plan = JSON.stringify(await query(`EXPLAIN ${statement}`, [90 * DAY]))
    expect(plan).toContain('Index Scan using security_events_at_idx')
    expect(plan).not.toContain('Seq Scan')
  })

  it('S22: deletes attempt counters when their minute is over', async () => {
    const limited = await startTestServer({ RATE_LIMIT_LOGIN_PER_ACCOUNT: '10' }, { beside: server })
    await limited.client().send(operations.login, { input: { email: 'nobody@example.com', password: 'wrong' } })
    expect(await housekeeping.run()).toMatchObject({ attemptCounters: 0 })
    await server.clock.advance({ minutes: 1, seconds: 1 })
    expect(await housekeeping.run()).toMatchObject({ attemptCounters: 1 })
    await limited.stop()
  })
})

describe('S22: after an error', () => {
  const refuse = (table: string, condition: string) =>
    query(`
      CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON ${table} FOR EACH ROW WHEN (${condition}) EXECUTE FUNCTION refuse()`)
  const allow = () => query('DROP FUNCTION IF EXISTS refuse CASCADE')
  afterEach(allow)
  const count = async (table: string, condition = 'true') =>
    (await query(`SELECT count(*)::integer FROM ${table} WHERE ${condition}`))[0].count

  it('S22: cleans the other tables, reports what it removed and every error', async () => {
    await register()
    await server.clock.advance({ days: 100 })
    await query(`INSERT INTO attempt_counters (key, count, ends_at) VALUES ('some', 1, now() - interval '1 minute')`)
    await query('ALTER TABLE sessions RENAME TO sessions_away')
    await query('ALTER TABLE security_events RENAME TO security_events_away')
    const passes: Removed[] = []
    let stop = async () => {}
    const failure = await new Promise<Error>((resolve) => {
      const onError = (error: unknown) => resolve(error as Error)
      stop = keep({ intervalMs: 20 }).start({ onPass: (removed) => passes.push(removed), onError })
    })
    await stop()
    await query('ALTER TABLE sessions_away RENAME TO sessions')
    await query('ALTER TABLE security_events_away RENAME TO security_events')
    expect(failure.message).toMatch(/"sessions" does not exist.*"security_events" does not exist/)
    expect(passes[0]).toEqual({ sessions: 0, securityEvents: 0, attemptCounters: 1 })
  })

  it('S22: continues after the batch of pages that failed, and tries it again later', async () => {
    const { user } = await register()
    await query(
      `INSERT INTO sessions (id, user_id, rotated_at, created_at, last_seen_at, refresh_window_at, expires_at)
       SELECT gen_random_uuid(), $1, now(), now(), now(), now(), now() - interval '1 day' FROM generate_series(1, 20000)`,
      [user.id],
    )
    await query(
      `UPDATE sessions SET app_id = 'bad' WHERE ctid = (SELECT min(ctid) FROM sessions WHERE expires_at < now())`,
    )
    await refuse('sessions', `OLD.app_id = 'bad'`)
    const keeper = keep()
    await expect(keeper.run()).rejects.toThrow('refused')
    await keeper.run() // the batches behind it
    expect(await count('sessions')).toBeLessThan(15_000) // a batch of full pages has about 12,000 of them
    await expect(keeper.run()).rejects.toThrow('refused')
    await allow()
    await keeper.run()
    await keeper.run()
    expect(await count('sessions')).toBe(1)
  })

  it('S22: deletes the other old events when one cannot be deleted', async () => {
    const { user } = await register()
    await query(
      `INSERT INTO security_events (user_id, type, at, reason)
       SELECT $1, 'SIGNED_IN', now() - interval '100 days' + n * interval '1 second', CASE n WHEN 1 THEN 'bad' END
       FROM generate_series(1, 9000) AS n`,
      [user.id],
    )
    await refuse('security_events', `OLD.reason = 'bad'`)
    const keeper = keep()
    await expect(keeper.run()).rejects.toThrow('refused')
    await expect(keeper.run()).rejects.toThrow('refused') // from the other end, until it reaches the same event
    expect(await count('security_events', `type = 'SIGNED_IN' AND at < now() - interval '91 days'`)).toBe(1_000)
    await allow()
    expect(await housekeeping.run()).toMatchObject({ securityEvents: 1_000 })
  })
})

describe('S22: one instance at a time', () => {
  it('S22: does nothing while another instance holds the lock', async () => {
    const tokens = await register()
    await server.clock.advance({ days: 8 })
    const other = server.dataSource.createQueryRunner()
    await other.startTransaction()
    await other.query('SELECT pg_advisory_xact_lock(7203915027)')
    expect(await housekeeping.run()).toBeNull()
    expect(await isThere(tokens)).toBe(true)
    await other.rollbackTransaction()
    await other.release()
    expect(await housekeeping.run()).toMatchObject({ sessions: 1 })
  })

  it('S22: runs periodically, and reports and retries a failed pass', async () => {
    const tokens = await register()
    await server.clock.advance({ days: 8 })
    await query('ALTER TABLE sessions RENAME TO sessions_away')
    const passes: Removed[] = []
    let stop = async () => {}
    const failure = await new Promise((onError) => {
      stop = keep({ intervalMs: 20 }).start({ onPass: (removed) => passes.push(removed), onError })
    })
    expect(String(failure)).toContain('sessions')
    await query('ALTER TABLE sessions_away RENAME TO sessions')
    while (await isThere(tokens)) await new Promise((resolve) => setTimeout(resolve, 20))
    await stop()
    expect(passes.filter(({ sessions }) => sessions === 1)).toHaveLength(1)
  })
})
