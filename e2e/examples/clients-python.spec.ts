import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Gateway } from '../support/gateway.ts'
import { test as base, expect } from '../support/test.ts'
import { type Credentials, createUser } from '../support/users.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/clients/python')
const PROGRAM = join(EXAMPLE, 'main.py')
const CHANGE_USER = join(import.meta.dirname, 'clients-python-change-user.py')

const test = base.extend<{ gateway: Gateway; apiUrl: string }>({
  gateway: async ({ baseURL }, use) => {
    const gateway = new Gateway(`${baseURL}`)
    await use(gateway)
    await gateway.close()
  },
  apiUrl: async ({ gateway }, use) => use(`${await gateway.listen()}/graphql`),
})

test.skip(
  spawnSync('python3', ['--version']).status !== 0,
  'python3 is not installed, so its example cannot be tested.',
)

/** Starts the program. @returns when it has signed in, and what it prints until it ends */
function start(apiUrl: string, { email, password }: Credentials, settings: Record<string, string> = {}) {
  const env = {
    ...process.env,
    API_URL: apiUrl,
    EMAIL: email,
    PASSWORD: password,
    PYTHONDONTWRITEBYTECODE: '1',
    ...settings,
  }
  const program = spawn('python3', [PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const signedIn = new Promise((resolve) => program.stdout.once('data', resolve))
  return { signedIn, output: text(program.stdout) }
}

/** The refresh tokens that the program has sent, in order. */
const sentRefreshTokens = ({ traffic }: Gateway): string[] =>
  (traffic['']?.sent ?? [])
    .map((request) => JSON.parse(request.slice(request.indexOf('{'))))
    .filter(({ query }) => query.includes('SilentRefresh'))
    .map(({ variables }) => variables.token)

test('C1, C5, S7: examples/clients/python shares each refresh between threads and survives a lost response', async ({
  gateway,
  apiUrl,
  request,
}) => {
  const user = await createUser(request)
  gateway.hold('response')('503')
  const { output } = start(apiUrl, user)
  expect(await output).toMatch(new RegExp(`^Hello, ${user.username}\n\\d+ responses, \\d+ refreshes\n$`))
  // The first token is sent again because its response was lost, the others once, although eight threads were refused.
  const [first, again, ...others] = sentRefreshTokens(gateway)
  expect(again).toBe(first)
  expect(others.length).toBeGreaterThanOrEqual(1)
  expect(new Set([first, ...others]).size).toBe(1 + others.length)
})

test('C5, C6: examples/clients/python stops when the session is ended from another device', async ({
  gateway,
  apiUrl,
  request,
}) => {
  const { email, password } = await createUser(request)
  const { signedIn, output } = start(apiUrl, { email, password }, { REFRESHES: '1000' })
  await signedIn
  const login = await request.post('/graphql', {
    data: {
      query: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
      variables: { input: { email, password } },
    },
  })
  const { accessToken } = (await login.json()).data.login
  await request.post('/graphql', {
    headers: { authorization: `Bearer ${accessToken}` },
    data: { query: 'mutation { revokeOtherSessions }' },
  })
  expect(await output).toMatch(/\nThe session has ended: SESSION_REVOKED\.\n$/)
  // No thread tries again after the refusal.
  const tokens = sentRefreshTokens(gateway)
  expect(new Set(tokens).size).toBe(tokens.length)
})

test('C8: examples/clients/python never continues as another user, or after a sign-out', async ({
  baseURL,
  request,
}) => {
  const [ada, bob] = [await createUser(request), await createUser(request)]
  const settings = { API_URL: `${baseURL}/graphql`, USERS: JSON.stringify([ada, bob]) }
  const env = { ...process.env, ...settings, PYTHONPATH: EXAMPLE, PYTHONDONTWRITEBYTECODE: '1' }
  const program = spawn('python3', [CHANGE_USER], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const output = (await text(program.stdout)).trim().split('\n')
  expect(output).toEqual([
    'after an offline sign-out during a refresh: SessionEnded: SIGNED_OUT',
    `after a sign-in during a refresh: ${bob.username}`,
    'refused as Ada, then Bob signed in: SessionEnded: ANOTHER_USER',
    `refused as Ada, then Ada signed in again: ${ada.username}`,
  ])
})
