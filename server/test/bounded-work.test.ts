import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createUserStore } from '../src/db/user-store.ts'
import { addSessions, credentials, registerAdmin, somebody } from './support/people.ts'
import type { Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

// More than two batches of 1,000 sessions, as a script leaves them that signs in each time it runs.
const SESSIONS = 2_500

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

let person: ReturnType<typeof somebody>
let tokens: Tokens
beforeEach(async () => {
  person = somebody()
  tokens = await server.client().register(person)
  await addSessions(server.dataSource, tokens.user.id, SESSIONS)
})

const query = (sql: string, parameters: unknown[] = []) => server.dataSource.query(sql, parameters)

/** How many sessions of the user each transaction revoked: each has its own `now()`. */
async function batches(): Promise<number[]> {
  const rows = await query(
    `SELECT count(*)::integer AS size FROM sessions WHERE user_id = $1 AND revoked_at IS NOT NULL
     GROUP BY revoked_at ORDER BY revoked_at`,
    [tokens.user.id],
  )
  return rows.map(({ size }: { size: number }) => size)
}

/** The sessions that ended, in order of their events; each must have one. */
async function endedWith(reason: string): Promise<number> {
  const [{ events, sessions }] = await query(
    `SELECT count(*)::integer AS events, count(DISTINCT session_id)::integer AS sessions FROM security_events
     WHERE user_id = $1 AND type = 'SESSION_ENDED' AND reason = $2`,
    [tokens.user.id, reason],
  )
  expect(events).toBe(sessions)
  return events
}

const live = async () =>
  (await query('SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL', [tokens.user.id])).length

const newPassword = 'a different correct horse'
async function changePassword() {
  const change = 'mutation ($old: String!, $new: String!) { changePassword(currentPassword: $old, newPassword: $new) }'
  return (await server.client().send(change, { old: person.password, new: newPassword }, tokens.accessToken)).body
}

describe('a user with thousands of sessions', () => {
  it('S14: ends all others in transactions of at most 1,000', async () => {
    const { body } = await server.client().send('mutation { revokeOtherSessions }', {}, tokens.accessToken)
    expect(body).toEqual({ data: { revokeOtherSessions: SESSIONS } })
    expect(await batches()).toEqual([1_000, 1_000, 500])
    expect(await endedWith('REVOKED')).toBe(SESSIONS)
    expect((await server.client().me(tokens.accessToken)).body.errors).toBeUndefined()
  })

  it('S14: lets an admin end all of them in the same way', async () => {
    const admin = await registerAdmin(server)
    const end = 'mutation ($userId: ID!) { revokeUserSessions(userId: $userId) }'
    const { body } = await server.client().send(end, { userId: tokens.user.id }, admin)
    expect(body).toEqual({ data: { revokeUserSessions: SESSIONS + 1 } })
    expect(Math.max(...(await batches()))).toBe(1_000)
    expect(await live()).toBe(0)
  })

  it('S14: changes the password together with at most 1,000 of them, and ends the rest before', async () => {
    expect((await changePassword()).errors).toBeUndefined()
    expect(await batches()).toEqual([1_000, 500, 1_000])
    expect(await endedWith('PASSWORD_CHANGED')).toBe(SESSIONS)
    await server.client().login({ ...credentials(person), password: newPassword })
  })

  it('S14: keeps the progress of a password change that fails, and the old password', async () => {
    await query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE OF password_hash ON users FOR EACH ROW EXECUTE FUNCTION refuse()`)
    expect((await changePassword()).errors).toHaveLength(1)
    await query('DROP FUNCTION refuse CASCADE')
    expect(await batches()).toEqual([1_000, 500])
    expect((await changePassword()).errors).toBeUndefined()
    expect(await batches()).toEqual([1_000, 500, 1_000])
  })

  it('S14: ends none of them for a password change that was checked against older credentials', async () => {
    const stale = { credentialVersion: 0, passwordHash: 'unused', keepSessionId: tokens.session.id }
    const origin = { ipAddress: null, userAgent: null }
    const users = createUserStore(server.dataSource)
    expect(await users.changePassword({ ...stale, ...origin, userId: tokens.user.id })).toBeNull()
    expect(await batches()).toEqual([])
  })

  it('S13: ends at most 1,000 at each sign-in after MAX_SESSIONS_PER_USER was lowered', async () => {
    const limited = await startTestServer({ MAX_SESSIONS_PER_USER: '100' }, { beside: server })
    for (const left of [1_502, 503, 100]) {
      await limited.client().login(credentials(person))
      expect(await live()).toBe(left)
    }
    expect(Math.max(...(await batches()))).toBe(1_000)
    expect(await endedWith('TOO_MANY_SESSIONS')).toBe(2_404)
    await limited.stop()
  })

  it('S14: finds the oldest sessions in an index, without those that have ended', async () => {
    await query('UPDATE sessions SET revoked_at = now() WHERE id <> $1', [tokens.session.id])
    await query('ANALYZE sessions')
    const before = server.statements.length
    await server.client().send('mutation { revokeOtherSessions }', {}, tokens.accessToken)
    const [statement = ''] = server.statements.slice(before).filter((one) => one.includes('WITH oldest'))
    expect(statement).not.toBe('')
    const parameters = [tokens.user.id, null, 0, 'REVOKED', null, null]
    const plan = JSON.stringify(await query(`EXPLAIN ${statement}`, parameters))
    expect(plan).toContain('sessions_unrevoked_idx')
    expect(plan).not.toContain('Seq Scan on sessions')
  })
})
