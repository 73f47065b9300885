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
afterEach(() => server.clock.advance({ minutes: 1 })) // each test begins with all counters over

const signIn = (instance: TestServer, email: string, password = 'wrong') =>
  instance.client().send(operations.login, { input: { email, password } })
const codes = (answers: Answer[]) => tally(answers.map((answer) => String(refusal(answer)?.code ?? 'signed in')))
const tally = (words: string[]) =>
  Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((one) => one === word).length]))
const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, i) => make(i))

/** Many sign-ins in one request. */
function aliased(count: number, email: (index: number) => string): string {
  const fields = times(
    count,
    (i) => `a${i}: login(input: { email: "${email(i)}", password: "wrong" }) { accessToken user { id } }`,
  )
  return `mutation { ${fields.join('\n')} }`
}

describe('S19: sign-ins per account', () => {
  it('S19: the eleventh within a minute is refused, with the time to wait; then it goes on', async () => {
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

  it('S19: a hundred aliases in one request are a hundred attempts', async () => {
    const person = somebody()
    await server.client().register(person)
    const answer = await server.client().send(aliased(100, () => person.email))
    // The first wrong one ends the mutation, as `login` is never null; the other 99 are counted all the same.
    expect(refusal(answer)).toEqual({ code: 'INVALID_CREDENTIALS' })
    expect(await counts()).toEqual([100, 101]) // the account's, and the address' with the sign-up
    expect(refusal(await signIn(server, person.email, person.password))?.code).toBe('RATE_LIMITED')
  })

  it('S19: aliases behind fragments and variables are counted, each for its own account', async () => {
    const [one, two] = [somebody().email, somebody().email]
    const answer = await server.client().send(
      `mutation ($one: LoginInput!) { ...Some  ... on Mutation { d: login(input: { email: "${two}", password: "x" }) { accessToken } } }
       fragment Some on Mutation { a: login(input: $one) { accessToken } b: login(input: $one) { accessToken } ...More }
       fragment More on Mutation { c: login(input: $one) { accessToken } e: register(
         input: { username: "e", email: "e@example.com", password: "long enough" }) { accessToken } }`,
      { one: { email: ` ${one.toUpperCase()}`, password: 'wrong' } },
    )
    expect(refusal(answer)).toEqual({ code: 'INVALID_CREDENTIALS' })
    expect(await counts()).toEqual([1, 3, 5])
  })

  it('S19: what @skip and @include leave out is no attempt', async () => {
    const [tried, leftOut] = [somebody().email, somebody().email]
    const login = (alias: string, email: string, condition = '') =>
      `${alias}: login(input: { email: "${email}", password: "wrong" }) ${condition} { accessToken }`
    const answer = await server.client().send(
      `mutation ($no: Boolean!, $yes: Boolean = true) {
         ...Some @skip(if: $yes)
         ${login('a', tried)} ${login('b', tried, '@include(if: $yes) @skip(if: $no)')}
         ${login('c', leftOut, '@include(if: $no)')} ${login('d', leftOut, '@skip(if: true)')}
         ... @include(if: false) { ${login('e', leftOut)} }
         ...More
       }
       fragment Some on Mutation { ${login('f', leftOut)} }
       fragment More on Mutation { ...Other @skip(if: true) ...Other }
       fragment Other on Mutation { ${login('g', tried)} }`,
      { no: false },
    )
    expect(refusal(answer)).toEqual({ code: 'INVALID_CREDENTIALS' })
    expect(await counts()).toEqual([3, 3])
  })

  it('S19: right ones in one request are counted once each', async () => {
    const person = somebody()
    await server.client().register(person)
    const fields = times(10, (i) => `a${i}: login(input: $input) { session { id } }`).join(' ')
    const query = `mutation ($input: LoginInput!) { ${fields} }`
    const answer = await server.client().send(query, { input: credentials(person) })
    expect(Object.keys(answer.body.data ?? {})).toHaveLength(10)
    expect(await counts()).toEqual([10, 11])
  })

  it('S19: two instances share the count, and a hundred at once admit exactly ten', async () => {
    const email = somebody().email
    const answers = await Promise.all(times(100, (i) => signIn(i % 2 === 0 ? server : other, email)))
    expect(codes(answers)).toEqual({ INVALID_CREDENTIALS: 10, RATE_LIMITED: 90 })
  })

  it('S19: an account that does not exist is limited alike, in any form of its address', async () => {
    const email = somebody().email
    await Promise.all(times(10, () => signIn(server, email)))
    expect(refusal(await signIn(server, ` ${email.toUpperCase()} `))?.code).toBe('RATE_LIMITED')
    expect(refusal(await signIn(server, somebody().email))?.code).toBe('INVALID_CREDENTIALS')
  })

  it('S19: what is refused costs no password work, and no account is read for it', async () => {
    const email = somebody().email
    await Promise.all(times(10, () => signIn(server, email)))
    const before = server.statements.length
    await signIn(server, email)
    expect(server.statements.slice(before)).toEqual([expect.stringContaining('attempt_counters')])
  })

  it('S19: wrong current passwords at changePassword count too', async () => {
    const person = somebody()
    const { accessToken } = await server.client().register(person)
    const change = (currentPassword: string) =>
      server
        .client()
        .send(
          'mutation ($c: String!, $n: String!) { changePassword(currentPassword: $c, newPassword: $n) }',
          { c: currentPassword, n: 'another long password' },
          accessToken,
        )
    expect(codes(await Promise.all(times(30, () => change('wrong'))))).toEqual({
      INVALID_CREDENTIALS: 10,
      RATE_LIMITED: 20,
    })
    expect(refusal(await change(person.password))?.code).toBe('RATE_LIMITED')
    expect(refusal(await signIn(other, person.email, person.password))?.code).toBe('RATE_LIMITED')
  })
})

/** What the counters of this minute stand at. */
async function counts(): Promise<number[]> {
  const rows = await server.dataSource.query('SELECT count FROM attempt_counters WHERE ends_at > now() ORDER BY count')
  return rows.map(({ count }: { count: number }) => count)
}

describe('S19: sign-ins per address', () => {
  it('S19: a hundred for different accounts, sign-ups among them, and no more', async () => {
    const person = somebody()
    await server.client().register(person)
    const answer = await server.client().send(aliased(99, (i) => `nobody-${i}@example.com`))
    expect(refusal(answer)).toEqual({ code: 'INVALID_CREDENTIALS' })
    expect(refusal(await server.client().send(operations.register, { input: somebody() }))?.code).toBe('RATE_LIMITED')
    expect(refusal(await signIn(other, person.email, person.password))?.code).toBe('RATE_LIMITED')
  })

  it('S19: a success does not start the count anew', async () => {
    const people = times(5, () => somebody())
    for (const person of people) await server.client().register(person)
    await server.client().send(aliased(94, (i) => `nobody-${i}@example.com`))
    const [last] = people
    expect(refusal(await signIn(server, last?.email ?? '', last?.password))).toBeUndefined()
    expect(refusal(await signIn(server, last?.email ?? '', last?.password))?.code).toBe('RATE_LIMITED')
  })

  it('S19: an address over its limit cannot shut an account for the others', async () => {
    const person = somebody()
    await server.client().register(person)
    await server.client().send(aliased(99, (i) => `nobody-${i}@example.com`))
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
    [null, 'unknown'],
  ])('S19: %s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('S19: refreshes per session', () => {
  it('S19: the fourth within a minute is refused with Retry-After, and the session lives on', async () => {
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
  it('S19: hold neither e-mail nor address', async () => {
    const email = somebody().email
    await signIn(server, email)
    const rows = await server.dataSource.query('SELECT * FROM attempt_counters')
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toMatch(/@|127\.0\.0\.1/)
  })

  it('S19: when they cannot be had nobody is let in, and nobody is told anything else', async () => {
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

  it('S19: 0 turns them off, and nothing is counted', async () => {
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
