import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { credentials, somebody } from './support/people.ts'
import { runAdmin } from './support/processes/admin-process.ts'
import { refusal, type Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

const ROUNDS = 100

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer()
  other = await startTestServer({}, { beside: server })
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})

/** Signed-in users with their current roles. */
async function createAdmins(count: number): Promise<Tokens[]> {
  await server.dataSource.query(`UPDATE users SET role = 'USER', version = version + 1 WHERE role = 'ADMIN'`)
  const people = Array.from({ length: count }, () => somebody())
  for (const person of people) await server.client().register(person)
  const emails = people.map(({ email }) => email)
  await server.dataSource.query(`UPDATE users SET role = 'ADMIN' WHERE email = ANY($1)`, [emails])
  return Promise.all(people.map((person) => server.client().login(credentials(person))))
}

const countAdmins = async () =>
  (await server.dataSource.query(`SELECT count(*)::int FROM users WHERE role = 'ADMIN'`))[0].count

const demote = (instance: TestServer, by: Tokens, target: Tokens) =>
  instance
    .client()
    .send(
      'mutation ($id: ID!) { setUserRole(userId: $id, role: USER) { role } }',
      { id: target.user.id },
      by.accessToken,
    )

it('S16: the last admin cannot lose the role, over the API and at the command line', async () => {
  const [first, second] = (await createAdmins(2)) as [Tokens, Tokens]
  expect((await demote(server, first, second)).body).toEqual({ data: { setUserRole: { role: 'USER' } } })
  const answer = await demote(server, first, first)
  expect(refusal(answer)).toEqual({ code: 'CONFLICT', field: 'role' })
  const message = 'This is the only admin. Make another user an admin first.'
  expect(answer.body.errors?.[0]?.message).toBe(message)
  expect(await runAdmin(['set-role', first.user.email, 'USER'], { DATABASE_URL: server.database.url })).toEqual({
    ...{ code: 1, stdout: '', stderr: `${message}\n` },
  })
  expect(await countAdmins()).toBe(1)
  const events = await server.dataSource.query(
    `SELECT user_id FROM security_events WHERE type = 'ROLE_CHANGED' AND user_id = ANY($1)`,
    [[first.user.id, second.user.id]],
  )
  expect(events).toEqual([{ user_id: second.user.id }])
})

it('S16: an ordinary user may get the role USER again while there is one admin or none', async () => {
  const [admin] = (await createAdmins(1)) as [Tokens]
  const user = await server.client().register(somebody())
  expect((await demote(server, admin, user)).body.errors).toBeUndefined()
  await createAdmins(0)
  expect((await server.app.services.admin.setRole(user.user.id, 'USER', null)).role).toBe('USER')
})

it('S16: one admin stays when all remove each other’s role and their own at once, on two instances', async () => {
  const ids = (await createAdmins(2)).map(({ user }) => user.id)
  for (let round = 0; round < ROUNDS; round += 1) {
    await server.dataSource.query(`UPDATE users SET role = 'ADMIN' WHERE id = ANY($1)`, [ids])
    const removals = [...ids, ...ids].map((id, i) =>
      (i % 2 === 0 ? server : other).app.services.admin.setRole(id, 'USER', ids[i % 2] ?? null),
    )
    for (const removal of await Promise.allSettled(removals)) {
      if (removal.status === 'rejected') expect(removal.reason).toMatchObject({ code: 'CONFLICT' })
    }
    expect(await countAdmins()).toBe(1)
  }
})
