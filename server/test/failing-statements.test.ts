import { afterAll, beforeAll, expect, it } from '@jest/globals'
import bcrypt from 'bcryptjs'
import { createAdminService } from '../src/core/accounts/admin-service.ts'
import { preparePassword } from '../src/core/password/password-hasher.ts'
import { createSessionStore } from '../src/db/session-store.ts'
import { createUserStore } from '../src/db/user-store.ts'
import { createDemoUsers, type DemoUser } from '../src/demo-users.ts'
import { withFailingStatement } from './support/faults/failing-statements.ts'
import { credentials, registerAdmin, somebody } from './support/people.ts'
import { type Answer, operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

let server: TestServer
let adminToken: string
beforeAll(async () => {
  server = await startTestServer({ RATE_LIMIT_LOGIN_PER_ACCOUNT: '1000', RATE_LIMIT_LOGIN_PER_ADDRESS: '1000000' })
  adminToken = await registerAdmin(server)
})
afterAll(() => server.stop())

/** A mutation to run, and what must be true after it has succeeded. */
interface Case {
  run(): Promise<Answer>
  check(data: Answer['body']['data']): Promise<void>
}

/** A user who is signed in twice on two devices. */
async function createUser() {
  const person = somebody()
  const client = server.client()
  const laptop = await client.register({ ...person, deviceId: 'laptop' })
  const phone = await server.client().login({ ...credentials(person), deviceId: 'phone' })
  const count = (type: string) =>
    server.dataSource
      .query('SELECT count(*)::int FROM security_events WHERE user_id = $1 AND type = $2', [laptop.user.id, type])
      .then(([row]) => row.count)
  const isSignedIn = async ({ accessToken }: { accessToken: string }) =>
    refusal(await server.client().me(accessToken)) === undefined
  return { person, client, laptop, phone, userId: laptop.user.id, count, isSignedIn }
}

const cases: Record<string, () => Promise<Case>> = {
  async register() {
    const person = somebody()
    const client = server.client()
    return {
      run: () => client.send(operations.register, { input: person }),
      async check(data) {
        const { user, refreshToken } = data?.register ?? {}
        expect((await client.refresh(refreshToken)).user).toEqual(user)
        const events = await server.dataSource.query('SELECT type FROM security_events WHERE user_id = $1', [user.id])
        expect(events).toEqual([{ type: 'SIGNED_IN' }])
      },
    }
  },
  async 'login, which also rehashes'() {
    const { person, client, laptop, phone, count, isSignedIn } = await createUser()
    const older = await bcrypt.hash(preparePassword(person.password), 5)
    await server.dataSource.query('UPDATE users SET password_hash = $1 WHERE email = $2', [older, person.email])
    return {
      run: () => client.send(operations.login, { input: { ...credentials(person), deviceId: 'phone' } }),
      async check(data) {
        expect(await Promise.all([data?.login, laptop, phone].map(isSignedIn))).toEqual([true, true, false])
        expect([await count('SIGNED_IN'), await count('SESSION_ENDED')]).toEqual([3, 1])
      },
    }
  },
  async refreshToken() {
    const { client, phone } = await createUser()
    return {
      run: () => client.send(operations.refreshToken, { refreshToken: phone.refreshToken }),
      check: async (data) => void (await client.refresh(data?.refreshToken.refreshToken)),
    }
  },
  async logout() {
    const { client, laptop, phone, count, isSignedIn } = await createUser()
    return {
      run: () => client.send(operations.logout, { refreshToken: phone.refreshToken }),
      async check() {
        expect(await Promise.all([laptop, phone].map(isSignedIn))).toEqual([true, false])
        expect(await count('SESSION_ENDED')).toBe(1)
      },
    }
  },
  async renameSession() {
    const { client, laptop, phone } = await createUser()
    const query = 'mutation ($id: ID!) { renameSession(id: $id, deviceName: "Old phone") { deviceName } }'
    return {
      run: () => client.send(query, { id: phone.session.id }, laptop.accessToken),
      check: async (data) => expect(data?.renameSession).toEqual({ deviceName: 'Old phone' }),
    }
  },
  async revokeSession() {
    const { client, laptop, phone, count, isSignedIn } = await createUser()
    const query = 'mutation ($id: ID!) { revokeSession(id: $id) }'
    return {
      run: () => client.send(query, { id: phone.session.id }, laptop.accessToken),
      async check() {
        expect(await isSignedIn(phone)).toBe(false)
        expect(await count('SESSION_ENDED')).toBe(1)
      },
    }
  },
  async revokeOtherSessions() {
    const { client, laptop, phone, isSignedIn } = await createUser()
    return {
      run: () => client.send('mutation { revokeOtherSessions }', {}, laptop.accessToken),
      async check(data) {
        expect(data?.revokeOtherSessions).toBe(1)
        expect(await Promise.all([laptop, phone].map(isSignedIn))).toEqual([true, false])
      },
    }
  },
  async changePassword() {
    const { person, client, laptop, phone, count, isSignedIn } = await createUser()
    const query = 'mutation ($c: String!, $n: String!) { changePassword(currentPassword: $c, newPassword: $n) }'
    const password = 'another long password'
    return {
      run: () => client.send(query, { c: person.password, n: password }, laptop.accessToken),
      async check() {
        expect(await Promise.all([laptop, phone].map(isSignedIn))).toEqual([true, false])
        expect([await count('PASSWORD_CHANGED'), await count('SESSION_ENDED')]).toEqual([1, 1])
        await client.login({ email: person.email, password })
      },
    }
  },
  async 'changePassword with a wrong password'() {
    const { client, laptop, count } = await createUser()
    const query = 'mutation { changePassword(currentPassword: "wrong", newPassword: "a new password") }'
    return {
      run: () => client.send(query, {}, laptop.accessToken),
      check: async () => expect(await count('PASSWORD_CHANGE_FAILED')).toBe(1),
    }
  },
  async setUserRole() {
    const { client, laptop, userId, count } = await createUser()
    const query = 'mutation ($userId: ID!) { setUserRole(userId: $userId, role: ADMIN) { role } }'
    return {
      run: () => client.send(query, { userId }, adminToken),
      async check(data) {
        expect(data?.setUserRole).toEqual({ role: 'ADMIN' })
        expect(refusal(await client.me(laptop.accessToken))?.reason).toBe('TOKEN_EXPIRED')
        expect(await count('ROLE_CHANGED')).toBe(1)
      },
    }
  },
  async revokeUserSessions() {
    const { client, laptop, phone, userId, isSignedIn } = await createUser()
    const query = 'mutation ($userId: ID!) { revokeUserSessions(userId: $userId) }'
    return {
      run: () => client.send(query, { userId }, adminToken),
      async check(data) {
        expect(data?.revokeUserSessions).toBe(2)
        expect(await Promise.all([laptop, phone].map(isSignedIn))).toEqual([false, false])
      },
    }
  },
}

it.each(Object.entries(cases))(
  'S24: %s can be repeated, whichever of its statements failed',
  async (_name, prepare) => {
    let statements = 0
    for (let failed = true; failed; statements += 1) {
      const { run, check } = await prepare()
      const first = await withFailingStatement(statements, run)
      failed = first.failed
      if (failed) expect(refusal(first.result)).toEqual({ code: 'SERVICE_UNAVAILABLE' })
      const last = failed ? await run() : first.result
      expect(['SERVICE_UNAVAILABLE', 'CONFLICT', 'NOT_FOUND']).not.toContain(refusal(last)?.code)
      await check(last.body.data)
    }
    expect(statements).toBeGreaterThan(1)
  },
)

it('S24: the command line can be repeated, whichever of its statements failed', async () => {
  const admin = createAdminService(createUserStore(server.dataSource), createSessionStore(server.dataSource))
  let statements = 0
  for (let failed = true; failed; statements += 1) {
    const { person, phone, userId, count, isSignedIn } = await createUser()
    const run = async () => {
      const { id } = await admin.findUser(person.email)
      await admin.setRole(id, 'ADMIN', null)
      await admin.setRole(id, 'USER', null)
      await admin.revokeSessionsOf(id, null)
    }
    const attempt = await withFailingStatement(statements, () =>
      run().then(
        () => null,
        (error: unknown) => error,
      ),
    )
    failed = attempt.failed
    if (failed) {
      expect(attempt.result).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
      await run()
    }
    expect(await admin.listSessions(userId, 100)).toEqual([])
    // The server learns of it as another instance does, a moment later.
    await until(async () => !(await isSignedIn(phone)))
    expect((await admin.findUser(person.email)).role).toBe('USER')
    expect(await count('SESSION_ENDED')).toBe(2)
  }
  expect(statements).toBeGreaterThan(4)
})

it('S24: the creation of the demo users can be repeated, whichever of its statements failed', async () => {
  let statements = 0
  for (let failed = true; failed; statements += 1) {
    const created: DemoUser[] = []
    const run = () =>
      createDemoUsers(server.app.services, (user) => {
        if (user.password !== null) created.push(user)
      })
    failed = (await withFailingStatement(statements, () => run().catch(() => {}))).failed
    if (failed) await run()
    expect(created).toHaveLength(2)
    for (const { email, password } of created) await server.client().login({ email, password })
    await server.dataSource.query(`DELETE FROM users WHERE email IN ('demo@example.com', 'admin@example.com')`)
  }
  expect(statements).toBe(5)
})
