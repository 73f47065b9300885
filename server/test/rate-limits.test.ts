import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { networkOf } from '../src/core/limits/attempt-limiter.ts'
import { credentials, somebody } from './support/people.ts'
import { type Answer, operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

const limits = { RATE_LIMIT_LOGIN_PER_ACCOUNT: '10', RATE_LIMIT_LOGIN_PER_ADDRESS: '100', TRUST_PROXY: 'true' }

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer({ ...limits, RATE_LIMIT_REFRESH_PER_SESSION: '3' })
  other = await startTestServer(limits, { beside: server })
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})
afterEach(() => server.clock.advance({ minutes: 1 })) // all counters have expired when the next test starts

const signIn = (instance: TestServer, email: string, password = 'wrong') =>
  instance.client().send(operations.login, { input: { email, password } })
const codes = (answers: Answer[]) => tally(answers.map((answer) => String(refusal(answer)?.code ?? 'signed in')))
const tally = (words: string[]) =>
  Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((one) => one === word).length]))
const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, i) => make(i))

/** Wrong sign-ins for as many accounts that do not exist. */
const wrongSignIns = (count: number) =>
  Promise.all(times(count, (i) => signIn(server, `nobody-${i}@example.com`))).then(codes)

/** The counts of the current minute. */
async function counts(): Promise<number[]> {
  const rows = await server.dataSource.query('SELECT count FROM attempt_counters WHERE ends_at > now() ORDER BY count')
  return rows.map(({ count }: { count: number }) => count)
}

describe('S19: one login or register per operation', () => {
  const login = 'login(input: { email: "ada@example.com", password: "wrong" }) { accessToken }'
  const register =
    'register(input: { username: "ada", email: "ada@example.com", password: "long enough" }) { accessToken }'

  it.each([
    ['two aliases', `{ a: ${login} b: ${login} }`],
    ['login and register', `{ ${login} ${register} }`],
    ['register twice', `{ a: ${register} b: ${register} }`],
    ['an inline fragment', `{ ${login} ... on Mutation { ... { b: ${login} } } }`],
    ['a named fragment', `{ a: ${login} ...Some } fragment Some on Mutation { b: ${login} }`],
    [
      'nested fragments',
      `{ ...Outer } fragment Outer on Mutation { a: ${login} ...Inner } fragment Inner on Mutation { b: ${register} }`,
    ],
    ['one fragment spread twice', `{ ...Some ...Some } fragment Some on Mutation { ${login} }`],
    ['the same field twice, which GraphQL would merge', `{ ${login} ${login} }`],
    [
      'fields that @skip and @include leave out',
      `{ a: ${login.replace(') {', ') @skip(if: true) {')} ... @include(if: false) { b: ${login} } }`,
    ],
    ['other fields in between', `{ a: ${login} logout b: ${login} }`],
  ])('S19: refuses more before anything runs: %s', async (_name, selections) => {
    const before = server.statements.length
    const answer = await server.client().send(`mutation ${selections}`)
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        errors: [
          {
            message: 'An operation may contain only one "login" or "register" field.',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      },
    ])
    expect(server.statements.slice(before)).toEqual([])
    expect(await counts()).toEqual([])
  })

  it('S19: refuses more, whether an access token is missing or not', async () => {
    const query = `mutation { a: ${login} b: ${login} revokeOtherSessions }`
    expect(refusal(await server.client().send(query))?.code).toBe('BAD_USER_INPUT')
  })

  it('S19: admits one, wherever it is, and counts it once', async () => {
    const person = somebody()
    await server.client().register(person)
    const query = `mutation ($input: LoginInput!) { ...Some logout @skip(if: true) }
      fragment Some on Mutation { ... on Mutation { mine: login(input: $input) { accessToken } } }`
    const answer = await server.client().send(query, { input: credentials(person) })
    expect(answer.body).toEqual({ data: { mine: { accessToken: expect.any(String) } } })
    expect(await counts()).toEqual([1, 2]) // the account, and the address together with the registration
  })

  it('S19: counts the operation that runs, not the others of the document', async () => {
    const run = (operationName: string) =>
      fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: `mutation One { ...Some }
            mutation Two { a: ${login} ...Some }
            fragment Some on Mutation { ${login} }`,
          operationName,
        }),
      }).then((response) => response.json())
    expect(await run('One')).toMatchObject({ errors: [{ extensions: { code: 'INVALID_CREDENTIALS' } }] })
    expect(await run('Two')).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
    expect(await counts()).toEqual([1, 1])
  })
})

describe('S19: sign-ins per account', () => {
  it('S19: refuses the eleventh within a minute with the time to wait, and admits the next one after it', async () => {
    const person = somebody()
    await server.client().register(person)
    for (const answer of await Promise.all(times(10, () => signIn(server, person.email)))) {
      expect(refusal(answer)).toEqual({ code: 'INVALID_CREDENTIALS' })
    }
    await server.clock.advance({ seconds: 20 })
    const limited = await signIn(server, person.email, person.password)
    const wait = Number(refusal(limited)?.retryAfterSeconds)
    expect(limited.status).toBe(200)
    expect(refusal(limited)).toEqual({ code: 'RATE_LIMITED', retryAfterSeconds: wait })
    expect(wait).toBeGreaterThan(30)
    expect(wait).toBeLessThanOrEqual(40)
    expect(limited.headers.get('retry-after')).toBe(String(wait))
    await server.clock.advance({ seconds: wait })
    expect(refusal(await signIn(server, person.email, person.password))).toBeUndefined()
  })

  it('S19: two instances share the count and admit exactly ten of a hundred concurrent attempts', async () => {
    const email = somebody().email
    const answers = await Promise.all(times(100, (i) => signIn(i % 2 === 0 ? server : other, email)))
    expect(codes(answers)).toEqual({ INVALID_CREDENTIALS: 10, RATE_LIMITED: 90 })
  })

  it('S19: limits an account that does not exist in the same way, in any spelling of its email', async () => {
    const email = somebody().email
    await Promise.all(times(10, () => signIn(server, email)))
    expect(refusal(await signIn(server, ` ${email.toUpperCase()} `))?.code).toBe('RATE_LIMITED')
    expect(refusal(await signIn(server, somebody().email))?.code).toBe('INVALID_CREDENTIALS')
  })

  it('S19: refuses without checking a password or reading an account', async () => {
    const email = somebody().email
    await Promise.all(times(10, () => signIn(server, email)))
    const before = server.statements.length
    await signIn(server, email)
    expect(server.statements.slice(before)).toEqual([expect.stringContaining('attempt_counters')])
  })
})

describe('S19: sign-ins per address', () => {
  it('S19: admits a hundred attempts on different accounts, registrations included, and no more', async () => {
    const person = somebody()
    await server.client().register(person)
    expect(await wrongSignIns(99)).toEqual({ INVALID_CREDENTIALS: 99 })
    expect(refusal(await server.client().send(operations.register, { input: somebody() }))?.code).toBe('RATE_LIMITED')
    expect(refusal(await signIn(other, person.email, person.password))?.code).toBe('RATE_LIMITED')
  })

  it('S19: a successful sign-in does not reset the count', async () => {
    const people = times(5, () => somebody())
    for (const person of people) await server.client().register(person)
    await wrongSignIns(94)
    const [last] = people
    expect(refusal(await signIn(server, last?.email ?? '', last?.password))).toBeUndefined()
    expect(refusal(await signIn(server, last?.email ?? '', last?.password))?.code).toBe('RATE_LIMITED')
  })

  it('S19: an address over its limit cannot lock an account for others', async () => {
    const person = somebody()
    await server.client().register(person)
    await wrongSignIns(99)
    await Promise.all(times(20, () => signIn(server, person.email)))
    const elsewhere = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7' },
      body: JSON.stringify({ query: operations.login, variables: { input: credentials(person) } }),
    })
    expect(((await elsewhere.json()) as Answer['body']).errors).toBeUndefined()
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['not an address', 'unknown'],
    [null, 'unknown'],
  ])('S19: counts %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('S19: refreshes per session', () => {
  it('S19: refuses the fourth within a minute with Retry-After and keeps the session', async () => {
    let { refreshToken } = await server.client().register(somebody())
    for (let i = 0; i < 3; i++) ({ refreshToken } = await server.client().refresh(refreshToken))
    const limited = await server.client().send(operations.refreshToken, { refreshToken })
    const wait = Number(refusal(limited)?.retryAfterSeconds)
    expect(refusal(limited)).toEqual({ code: 'RATE_LIMITED', retryAfterSeconds: wait })
    expect(limited.headers.get('retry-after')).toBe(String(wait))
    await server.clock.advance({ seconds: wait })
    await server.client().refresh(refreshToken)
  })
})

describe('S19: the counters', () => {
  it('S19: contain neither email nor address', async () => {
    const email = somebody().email
    await signIn(server, email)
    const rows = await server.dataSource.query('SELECT * FROM attempt_counters')
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toMatch(/@|127\.0\.0\.1/)
  })

  it('S19: refuse every sign-in while they are unavailable, without revealing the cause', async () => {
    const person = somebody()
    await server.client().register(person)
    await server.dataSource.query('ALTER TABLE attempt_counters RENAME TO away')
    try {
      expect(refusal(await signIn(server, person.email, person.password))?.code).toBe('INTERNAL_SERVER_ERROR')
    } finally {
      await server.dataSource.query('ALTER TABLE away RENAME TO attempt_counters')
    }
    const locked = server.dataSource.createQueryRunner()
    await locked.startTransaction()
    await locked.query('LOCK TABLE attempt_counters')
    try {
      expect(refusal(await signIn(server, person.email, person.password))).toEqual({ code: 'SERVICE_UNAVAILABLE' })
    } finally {
      await locked.rollbackTransaction()
      await locked.release()
    }
    expect(refusal(await signIn(server, person.email, person.password))).toBeUndefined()
  })

  it('S19: 0 turns them off, so nothing is counted', async () => {
    const open = await startTestServer({}, { beside: server })
    try {
      const email = somebody().email
      expect(codes(await Promise.all(times(30, () => signIn(open, email))))).toEqual({ INVALID_CREDENTIALS: 30 })
      expect(open.statements.filter((statement) => statement.includes('attempt_counters'))).toEqual([])
    } finally {
      await open.stop()
    }
  })
})
