import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createTestDatabase } from './support/database.ts'
import { registerAdmin, somebody } from './support/people.ts'
import { runAdmin } from './support/processes/admin-process.ts'
import { operations, refusal, type Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

let server: TestServer
beforeAll(async () => {
  // However long the commands take, an access token is refused only because of them.
  server = await startTestServer({ ACCESS_TOKEN_TTL: '1h' })
})
afterAll(() => server.stop())

const admin = (...args: string[]) => runAdmin(args, { DATABASE_URL: server.database.url })
const reasonOf = async ({ accessToken }: Tokens) => refusal(await server.client().me(accessToken))?.reason

it('makes a user an admin, and the server picks it up', async () => {
  await registerAdmin(server) // because the only admin would keep the role
  const tokens = await server.client().register(somebody())
  expect(await admin('make-admin', tokens.user.email.toUpperCase())).toEqual({
    code: 0,
    stdout: `${tokens.user.email} has the role ADMIN.\n`,
    stderr: '',
  })
  await until(async () => (await reasonOf(tokens)) === 'TOKEN_EXPIRED')
  expect((await server.client().refresh(tokens.refreshToken)).user.role).toBe('ADMIN')

  const back = await admin('--json', 'set-role', tokens.user.email, 'user')
  expect(JSON.parse(back.stdout)).toEqual({ id: tokens.user.id, email: tokens.user.email, role: 'USER' })
  const [event] = await server.dataSource.query(
    'SELECT type, actor_id FROM security_events WHERE user_id = $1 ORDER BY id DESC LIMIT 1',
    [tokens.user.id],
  )
  expect(event).toEqual({ type: 'ROLE_CHANGED', actor_id: null })
})

it('lists a user’s sessions and ends one or all, and the server picks it up', async () => {
  const person = somebody({ deviceName: 'Old phone' })
  const phone = await server.client().register(person)
  const { email, password } = person
  const laptop = await server.client().login({ email, password, deviceName: 'Laptop' })
  const tablet = await server.client().login({ email, password, deviceName: 'Tablet' })
  await server.dataSource.query(`UPDATE sessions SET user_agent = E'Evil \\x1b[2J' WHERE id = $1`, [tablet.session.id])

  const listed = await admin('sessions', email)
  expect(listed.code).toBe(0)
  expect(listed.stdout.split('\n')).toHaveLength(5) // header, three rows, final newline
  expect(listed.stdout).toMatch(new RegExp(`${phone.session.id} +Old phone +– +127\\.0\\.0\\.1 `))
  expect(listed.stdout).not.toContain('\x1b')
  expect(await admin('end-session', phone.session.id)).toMatchObject({ code: 0, stdout: 'The session has ended.\n' })
  await until(async () => (await reasonOf(phone)) === 'SESSION_REVOKED')
  expect(await reasonOf(laptop)).toBeUndefined()

  const rest = JSON.parse((await admin('sessions', email, '--json')).stdout) as { id: string }[]
  expect(rest.map(({ id }) => id).sort()).toEqual([laptop.session.id, tablet.session.id].sort())
  expect(await admin('end-sessions', email)).toMatchObject({ code: 0, stdout: '2 sessions have ended.\n' })
  await until(async () => (await reasonOf(laptop)) === 'SESSION_REVOKED')
  expect((await admin('sessions', email)).stdout).toBe('None.\n')
})

describe('reset-password', () => {
  const env = () => ({ DATABASE_URL: server.database.url, PASSWORD_COST: '5' })
  const query = (text: string, ...values: unknown[]) => server.dataSource.query(text, values)

  it('S14: sets a new random password and ends all sessions, and the server picks it up', async () => {
    const person = somebody()
    const { email, password } = person
    const phone = await server.client().register(person)
    const laptop = await server.client().login({ email, password })
    const { id } = phone.user

    const reset = await runAdmin(['reset-password', email.toUpperCase()], env())
    expect(reset).toMatchObject({ code: 0, stderr: '' })
    const [, fresh = ''] =
      /^(?:.+) has a new password\. 2 sessions have ended\.\nThe password is (\w{16}); it is not shown again\.\n$/.exec(
        reset.stdout,
      ) ?? []
    for (const tokens of [phone, laptop]) await until(async () => (await reasonOf(tokens)) === 'SESSION_REVOKED')
    expect(refusal(await server.client().send(operations.login, { input: { email, password } }))?.code).toBe(
      'INVALID_CREDENTIALS',
    )
    expect((await server.client().login({ email, password: fresh })).user.email).toBe(email)

    expect(
      await query(
        `SELECT session_id, actor_id, ip_address FROM security_events WHERE user_id = $1 AND type = 'PASSWORD_CHANGED'`,
        id,
      ),
    ).toEqual([{ session_id: null, actor_id: null, ip_address: null }])
    expect(
      await query(
        `SELECT DISTINCT revoked_reason, revoked_by FROM sessions WHERE user_id = $1 AND revoked_at IS NOT NULL`,
        id,
      ),
    ).toEqual([{ revoked_reason: 'PASSWORD_CHANGED', revoked_by: null }])
  })

  it('reads a password from standard input, and prints nothing of it', async () => {
    const person = somebody()
    const { user } = await server.client().register(person)
    const reset = await runAdmin(['reset-password', person.email, '--stdin', '--json'], env(), 'pass phrase – 1\n')
    expect(JSON.parse(reset.stdout)).toEqual({ id: user.id, email: person.email, ended: 1 })
    expect(reset.stderr).toBe('')
    await server.client().login({ email: person.email, password: 'pass phrase – 1' })
  })

  it('S21: hashes with PASSWORD_COST, and prints the random password as JSON too', async () => {
    const person = somebody()
    const { user } = await server.client().register(person)
    const { password, ...rest } = JSON.parse((await runAdmin(['reset-password', person.email, '--json'], env())).stdout)
    expect(rest).toEqual({ id: user.id, email: person.email, ended: 1 })
    expect(await query('SELECT substr(password_hash, 1, 7) AS kind FROM users WHERE id = $1', user.id)).toEqual([
      { kind: '$2b$05$' },
    ])
    await server.client().login({ email: person.email, password })
  })

  it('S21: explains what is wrong, and then changes nothing', async () => {
    const person = somebody()
    const tokens = await server.client().register(person)
    const gone = new URL(server.database.url)
    gone.port = '1'
    const cases: [args: string[], input: string | Buffer, code: number, says: string, env?: Record<string, string>][] =
      [
        [['nobody@example.com'], '', 1, 'There is no account with the email address nobody@example.com.'],
        [[person.email, 'a-password-in-the-arguments'], '', 2, 'too many arguments'],
        [[person.email, '--stdin'], 'short-1\n', 1, 'Enter a password of 8 to 1,000 characters.'],
        [
          [person.email, '--stdin'],
          Buffer.from('latin-1: \xe9\xe8', 'latin1'),
          1,
          'The secret in standard input is not UTF-8.',
        ],
        [[person.email], '', 1, 'The database is not available', { DATABASE_URL: gone.href }],
      ]
    for (const [args, input, code, says, more] of cases) {
      const ended = await runAdmin(['reset-password', ...args], { ...env(), ...more }, input)
      expect({ args, ...ended, stderr: '' }).toEqual({ args, code, stdout: '', stderr: '' })
      expect(ended.stderr).toContain(says)
      expect(ended.stderr).not.toMatch(/ {4}at |short-1|a-password-in-the-arguments|xxxx/)
    }
    expect(await reasonOf(tokens)).toBeUndefined()
    await server.client().login({ email: person.email, password: person.password })
  })
})

it('lists users without secrets', async () => {
  const names = ['Zoë', 'Zora', 'Zuri']
  for (const username of names) await server.client().register(somebody({ username }))
  const [some, all] = await Promise.all([
    admin('list-users', '--search', 'z', '--limit', '2', '--json'),
    admin('list-users'),
  ])
  expect(some.stderr).toBe('There are more than 2 users. Use --limit or --search.\n')
  const people = JSON.parse(some.stdout) as Record<string, string>[]
  expect(people.map(({ username }) => username)).toEqual(['Zora', 'Zoë'])
  expect(Object.keys(people[0] ?? {})).toEqual(['email', 'username', 'role', 'createdAt', 'id'])
  for (const name of names) expect(all.stdout).toContain(` ${name} `)
  expect(all.stdout).not.toContain('$2')
})

it('explains each error and sets the exit code', async () => {
  const empty = await createTestDatabase()
  const gone = new URL(server.database.url)
  gone.port = '1'
  const cases: [args: string[], env: Record<string, string>, code: number, says: string][] = [
    [['make-admin', 'nobody@example.com'], {}, 1, 'There is no account with the email address nobody@example.com.'],
    [['make-admin', 'nobody'], {}, 1, 'Enter an email address'],
    [['end-session', '00000000-0000-4000-8000-000000000000'], {}, 1, 'There is no such live session.'],
    [['set-role', 'nobody@example.com', 'BOSS'], {}, 2, 'USER or ADMIN'],
    [['make-admin'], {}, 2, 'missing required argument'],
    [['fly'], {}, 2, 'unknown command'],
    [['list-users'], { DATABASE_URL: gone.href }, 1, 'The database is not available: connect ECONNREFUSED'],
    [['list-users'], { DATABASE_URL: empty.url }, 1, 'The database schema is out of date'],
    [['list-users'], { DATABASE_URL: 'mysql://x' }, 1, 'DATABASE_URL must be a URL'],
    [['list-users'], { DATABASE_URL: '', DATA_DIR: '/nowhere' }, 1, 'There is no database in /nowhere yet'],
  ]
  for (const [args, env, code, says] of cases) {
    const ended = await runAdmin(args, { DATABASE_URL: server.database.url, ...env })
    expect({ args, ...ended, stderr: '' }).toEqual({ args, code, stdout: '', stderr: '' })
    expect(ended.stderr).toContain(says)
    expect(ended.stderr).not.toMatch(/ {4}at |postgres:\/\/postgres/)
  }
  await empty.drop()
  const help = await admin('--help')
  expect(help.code).toBe(0)
  const commands = ['make-admin', 'set-role', 'list-users', 'sessions', 'end-session', 'end-sessions', 'reset-password']
  for (const command of commands) expect(help.stdout).toContain(`  ${command} `)
})
