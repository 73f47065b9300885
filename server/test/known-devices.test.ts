import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import jwt from 'jsonwebtoken'
import { credentials, somebody } from './support/people.ts'
import { type Answer, operations, refusal, type TestClient } from './support/test-client.ts'
import { refreshTokenSecret, startTestServer, type TestServer } from './support/test-server.ts'

const env = { RATE_LIMIT_LOGIN_PER_ACCOUNT: '10', RATE_LIMIT_LOGIN_PER_ADDRESS: '100', TRUST_PROXY: 'true' }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer(env)
})
afterAll(() => server.stop())
afterEach(() => server.clock.advance({ minutes: 1 })) // all counters have expired when the next test starts

const from = (ipAddress: string) => server.client({ 'x-forwarded-for': ipAddress })
const signIn = (client: TestClient, email: string, password = 'wrong') =>
  client.send(operations.login, { input: { email, password } })
const codeOf = (answer: Answer) => refusal(answer)?.code ?? 'OK'
const repeat = async <T>(count: number, act: () => Promise<T>) => {
  const results: T[] = []
  for (let i = 0; i < count; i += 1) results.push(await act())
  return results
}
const changePassword = (accessToken: string, currentPassword: string, newPassword: string) =>
  server
    .client()
    .send(
      'mutation ($c: String!, $n: String!) { changePassword(currentPassword: $c, newPassword: $n) }',
      { c: currentPassword, n: newPassword },
      accessToken,
    )
const deviceCookies = (answer: Answer) =>
  answer.headers.getSetCookie().filter((line) => /^(__Host-)?device=/.test(line))

/** A user whose laptop has signed in, and who is signed in on a phone. */
async function createOwner() {
  const person = somebody()
  const laptop = from('192.0.2.10')
  await laptop.register(person)
  const phone = await from('192.0.2.20').login(credentials(person))
  return { ...person, laptop, phone }
}

describe('S19: what strangers cannot prevent', () => {
  it('S19: admits every sign-in from a known device and every password change, however often a stranger guesses', async () => {
    const { email, password, laptop, phone } = await createOwner()
    const attacker = from('203.0.113.1')
    const passwords = [password, 'another correct password']
    const answers = { signIns: [] as unknown[], changes: [] as unknown[] }
    let { refreshToken } = phone
    // Five minutes. A guess every 3.5 s is within the limit of the address but exceeds that of the account.
    for (let i = 1; i <= 86; i += 1) {
      await server.clock.advance({ ms: 3_500 })
      await signIn(attacker, email)
      if (i % 4 === 0) answers.signIns.push(codeOf(await signIn(laptop, email, passwords[0])))
      if (i % 8 !== 0) continue
      const refreshed = await server.client().refresh(refreshToken)
      refreshToken = refreshed.refreshToken
      answers.changes.push(codeOf(await changePassword(refreshed.accessToken, passwords[0] ?? '', passwords[1] ?? '')))
      passwords.reverse()
    }
    expect(answers.signIns).toEqual(Array(21).fill('OK'))
    expect(answers.changes).toEqual(Array(10).fill('OK'))
    await server.clock.advance({ minutes: 1 })
    await repeat(10, () => signIn(attacker, email))
    expect(codeOf(await signIn(from('198.51.100.1'), email, passwords[0]))).toBe('RATE_LIMITED') // an unknown device
  })

  it('S19: admits a known device behind an address that exceeds its limit', async () => {
    const { email, password, laptop } = await createOwner()
    await repeat(99, () => signIn(from('192.0.2.10'), somebody().email))
    expect(codeOf(await signIn(from('192.0.2.10'), somebody().email))).toBe('RATE_LIMITED')
    expect(codeOf(await signIn(laptop, email, password))).toBe('OK')
  })
})

describe('S19: a known device', () => {
  it('S19: has the limit of an account, which affects that device only', async () => {
    const { email, password, laptop } = await createOwner()
    const tablet = from('192.0.2.30')
    await tablet.login({ email, password })
    expect((await repeat(10, () => signIn(laptop, email))).map(codeOf)).toEqual(Array(10).fill('INVALID_CREDENTIALS'))
    const limited = await signIn(laptop, email, password)
    expect(codeOf(limited)).toBe('RATE_LIMITED')
    expect(limited.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(codeOf(await signIn(tablet, email, password))).toBe('OK')
    expect(codeOf(await signIn(from('198.51.100.1'), email, password))).toBe('OK')
  })

  it('S19: is unknown to all accounts but those that signed in on it', async () => {
    const { email } = await createOwner()
    const attacker = from('203.0.113.1')
    await attacker.register(somebody())
    const codes = (await repeat(20, () => signIn(attacker, email))).map(codeOf)
    expect(codes.filter((code) => code === 'INVALID_CREDENTIALS').length).toBeLessThanOrEqual(10)
  })

  it('S19: recognises the last five accounts that signed in on it', async () => {
    const people = Array.from({ length: 6 }, () => somebody())
    const kiosk = from('192.0.2.40')
    for (const person of people) await kiosk.register(person)
    const isKnown = async (email: string) => {
      await repeat(10, () => signIn(from('203.0.113.2'), email))
      return codeOf(await signIn(kiosk, email)) === 'INVALID_CREDENTIALS'
    }
    expect(await Promise.all(people.map(({ email }) => isKnown(email)))).toEqual([false, true, true, true, true, true])
    expect((jwt.decode(kiosk.jar.get('device') ?? '') as jwt.JwtPayload).accounts).toHaveLength(5)
  })

  it.each([
    ['signed with another key', (claims: jwt.JwtPayload) => sign(claims, 'k'.repeat(48), 'device+jwt')],
    ['of another type', (claims: jwt.JwtPayload) => sign(claims, refreshTokenSecret, 'rt+jwt')],
    [
      'without accounts',
      ({ iss, aud, jti }: jwt.JwtPayload) => sign({ iss, aud, jti }, refreshTokenSecret, 'device+jwt'),
    ],
    ['that is no JWT', () => 'device'],
  ])('S19: is not recognised by a cookie %s, which the next sign-in replaces', async (_name, forge) => {
    const { email, password, laptop } = await createOwner()
    laptop.jar.set('device', forge(jwt.decode(laptop.jar.get('device') ?? '') as jwt.JwtPayload))
    const codes = (await repeat(11, () => signIn(from('203.0.113.3'), email))).map(codeOf)
    expect(codes.at(-1)).toBe('RATE_LIMITED')
    expect(codeOf(await signIn(laptop, email, password))).toBe('RATE_LIMITED')
    await server.clock.advance({ minutes: 1 })
    await laptop.login({ email, password })
    await repeat(11, () => signIn(from('203.0.113.3'), email))
    expect(codeOf(await signIn(laptop, email, password))).toBe('OK')
  })
})

describe('S19: the device cookie', () => {
  it.each([
    ['before', (other: string, ours: string) => [other, ours]],
    ['after', (other: string, ours: string) => [ours, other]],
  ])('S18, S19: is found %s another of its name, and keeps the device known', async (_where, inOrder) => {
    const { email, password, laptop } = await createOwner()
    const foreign = sign({ iss: 'another', jti: '0', accounts: [] }, 'k'.repeat(48), 'device+jwt')
    const cookies = inOrder(foreign, laptop.jar.get('device') ?? '').map((value) => `device=${value}`)
    await repeat(11, () => signIn(from('203.0.113.4'), email))
    const both = server.client({ cookie: cookies.join('; '), 'x-forwarded-for': '192.0.2.10' })
    const answer = await signIn(both, email, password)
    expect(codeOf(answer)).toBe('OK')
    const jti = (token = '') => (jwt.decode(token) as jwt.JwtPayload).jti
    expect(jti(both.jar.get('device'))).toBe(jti(laptop.jar.get('device')))
  })

  it.each(['BODY', 'COOKIE'])(
    'S19: is set by sign-up and sign-in with %s, but by nothing else',
    async (tokenTransport) => {
      const client = server.client()
      const person = somebody()
      const registered = await client.send(operations.register, { input: { ...person, tokenTransport } })
      const { accessToken, refreshToken } = registered.body.data?.register ?? {}
      const signedIn = await client.send(operations.login, { input: { ...credentials(person), tokenTransport } })
      for (const answer of [registered, signedIn]) {
        expect(deviceCookies(answer)).toEqual([
          expect.stringMatching(/^device=[\w.-]+; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Strict$/),
        ])
      }
      const others = [
        await signIn(client, person.email),
        await client.send(operations.refreshToken, refreshToken === null ? {} : { refreshToken }),
        await client.logout(accessToken),
      ]
      expect(others.flatMap(deviceCookies)).toEqual([])
      expect(client.jar.has('device')).toBe(true)
      expect(client.jar.get('device')).not.toContain(person.email)
    },
  )

  it('S19: is __Host- and Secure when required', async () => {
    const secure = await startTestServer({ COOKIE_SECURE: 'true' }, { beside: server })
    try {
      const answer = await secure.client().send(operations.register, { input: somebody() })
      expect(deviceCookies(answer)).toEqual([
        expect.stringMatching(/^__Host-device=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
      ])
    } finally {
      await secure.stop()
    }
  })
})

describe('S19: wrong current passwords', () => {
  it('S19: are limited per session, do not affect sign-ins, and are recorded', async () => {
    const { email, password, phone } = await createOwner()
    const other = await from('192.0.2.50').login({ email, password })
    const codes = (await repeat(12, () => changePassword(phone.accessToken, 'wrong', 'a new password'))).map(codeOf)
    expect(codes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED', 'RATE_LIMITED'])
    expect(codeOf(await signIn(from('198.51.100.1'), email, password))).toBe('OK')
    expect(codeOf(await changePassword(other.accessToken, password, 'a new password'))).toBe('OK')
    const { body } = await server
      .client()
      .send(
        '{ securityEvents(first: 100) { edges { node { type session { id } ipAddress } } } }',
        {},
        other.accessToken,
      )
    const events = body.data?.securityEvents.edges.map(({ node }: { node: { type: string } }) => node)
    const failed = events.filter(({ type }: { type: string }) => type === 'PASSWORD_CHANGE_FAILED')
    expect(failed).toEqual(
      Array(10).fill({ type: 'PASSWORD_CHANGE_FAILED', session: { id: phone.session.id }, ipAddress: '127.0.0.1' }),
    )
  })
})

function sign(claims: object, secret: string, typ: string) {
  return jwt.sign(claims, secret, { algorithm: 'HS256', keyid: 'test', header: { alg: 'HS256', typ } })
}
