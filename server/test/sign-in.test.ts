import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import jwt from 'jsonwebtoken'
import { credentials, somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { accessTokenSecret, refreshTokenSecret, startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

describe('S1: sign-in', () => {
  it('S1: returns both tokens, the user and the session on the named device', async () => {
    const person = somebody()
    await server.client().register(person)
    const { body } = await server.client().send(
      `mutation ($input: LoginInput!) { login(input: $input) {
        accessToken accessTokenExpiresIn refreshToken refreshTokenExpiresIn user { username email role createdAt }
        session { current appId deviceId deviceName expiresAt createdAt lastSeenAt ipAddress userAgent } } }`,
      {
        input: {
          email: person.email,
          password: person.password,
          appId: 'app',
          deviceId: 'd1',
          deviceName: 'My laptop',
        },
      },
    )
    expect(body.errors).toBeUndefined()
    expect(body.data?.login).toMatchObject({
      accessTokenExpiresIn: 60,
      refreshTokenExpiresIn: 7 * 86_400,
      user: { username: person.username, email: person.email, role: 'USER' },
      session: { current: true, appId: 'app', deviceId: 'd1', deviceName: 'My laptop', ipAddress: '127.0.0.1' },
    })
  })

  it('S1: gives the same answer for an unknown email and a wrong password', async () => {
    const person = somebody()
    const client = server.client()
    await client.register(person)
    const wrongPassword = await client.send(operations.login, { input: { email: person.email, password: 'wrong' } })
    const wrongEmail = await client.send(operations.login, {
      input: { email: 'nobody@example.com', password: person.password },
    })
    expect(wrongPassword.body).toEqual(wrongEmail.body)
    expect(wrongPassword.status).toBe(wrongEmail.status)
    expect(refusal(wrongEmail)).toEqual({ code: 'INVALID_CREDENTIALS' })
  })

  it('S1: ignores case and surrounding spaces in an email', async () => {
    const person = somebody({ email: '  Grace.Hopper@Example.COM ' })
    const { user } = await server.client().register(person)
    expect(user.email).toBe('grace.hopper@example.com')
    const again = await server.client().login({ email: 'GRACE.hopper@example.com', password: person.password })
    expect(again.user.id).toBe(user.id)
    const taken = await server.client().send(operations.register, {
      input: somebody({ email: 'grace.hopper@EXAMPLE.com' }),
    })
    expect(refusal(taken)).toEqual({ code: 'CONFLICT', field: 'email' })
  })

  it('S13: replaces only the session of the same device', async () => {
    const person = somebody()
    const first = await server.client().register({ ...person, appId: 'a', deviceId: 'one' })
    const other = await server.client().login({ ...credentials(person), appId: 'a', deviceId: 'two' })
    await server.client().login({ ...credentials(person), appId: 'a', deviceId: 'one' })
    const replaced = await server.client().send(operations.refreshToken, { refreshToken: first.refreshToken })
    expect(refusal(replaced)).toEqual({ code: 'FORBIDDEN', reason: 'SESSION_REVOKED' })
    await server.client().refresh(other.refreshToken)
  })
})

describe('S2: tokens', () => {
  it('S2: have the documented claims, types and lifetimes', async () => {
    const { accessToken, refreshToken, user, session } = await server.client().register(somebody())
    const access = jwt.verify(accessToken, accessTokenSecret, { complete: true })
    const refresh = jwt.verify(refreshToken ?? '', refreshTokenSecret, { complete: true })
    expect(access.header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: 'test' })
    expect(refresh.header).toEqual({ alg: 'HS256', typ: 'rt+jwt', kid: 'test' })
    const shared = { sub: user.id, sid: session.id, gen: 0, iss: 'silent-refresh', aud: 'silent-refresh' }
    expect(access.payload).toMatchObject({ ...shared, username: user.username, role: 'USER' })
    expect(refresh.payload).toMatchObject(shared)
    const [{ iat, exp }, long] = [access.payload, refresh.payload] as [jwt.JwtPayload, jwt.JwtPayload]
    expect((exp ?? 0) - (iat ?? 0)).toBe(60)
    expect((long.exp ?? 0) - (long.iat ?? 0)).toBe(7 * 86_400)
  })

  it('S2: are not interchangeable', async () => {
    const { accessToken, refreshToken } = await server.client().register(somebody())
    const asAccess = await server.client().me(refreshToken ?? '')
    expect(refusal(asAccess)).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' })
    const asRefresh = await server.client().send(operations.refreshToken, { refreshToken: accessToken })
    expect(refusal(asRefresh)).toEqual({ code: 'FORBIDDEN', reason: 'REFRESH_TOKEN_INVALID' })
  })

  it.each([
    ['alg none', (claims: object) => `${part({ alg: 'none', typ: 'at+jwt', kid: 'test' })}.${part(claims)}.`],
    ['another algorithm', (claims: object) => sign(claims, accessTokenSecret, { algorithm: 'HS512' })],
    ['a foreign key', (claims: object) => sign(claims, 'k'.repeat(48))],
    ['an unknown kid', (claims: object) => sign(claims, accessTokenSecret, { keyid: 'other' })],
    ['no kid', (claims: object) => jwt.sign(claims, accessTokenSecret, { header: { alg: 'HS256', typ: 'at+jwt' } })],
    ['another typ', (claims: object) => sign(claims, accessTokenSecret, { header: { alg: 'HS256', typ: 'JWT' } })],
    ['another issuer', (claims: object) => sign({ ...claims, iss: 'https://evil.example' }, accessTokenSecret)],
    ['another audience', (claims: object) => sign({ ...claims, aud: 'other-api' }, accessTokenSecret)],
    ['a user that is not an id', (claims: object) => sign({ ...claims, sub: 'ada' }, accessTokenSecret)],
    ['a session that is not an id', (claims: object) => sign({ ...claims, sid: 'laptop' }, accessTokenSecret)],
    ['missing claims', ({ iss, aud }: jwt.JwtPayload) => sign({ iss, aud }, accessTokenSecret)],
    ['a changed payload', (_: object, token: string) => token.replace(/\.[^.]+\./, `.${part({ sub: 'x' })}.`)],
    ['a truncated signature', (_: object, token: string) => token.slice(0, -4)],
    ['a huge length', (_: object, token: string) => token + 'A'.repeat(8_000)],
    ['no JWT structure', () => 'abc'],
  ])('S2: rejects a token with %s as TOKEN_INVALID', async (_name, forge) => {
    const { accessToken } = await server.client().register(somebody())
    const claims = jwt.decode(accessToken) as jwt.JwtPayload
    const answer = await server.client().me(forge(claims, accessToken))
    expect(answer.status).toBe(401)
    expect(refusal(answer)).toEqual({ code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' })
  })
})

describe('S21: passwords', () => {
  it.each([
    ['of 8 characters', '12345678'],
    ['of 1,000 characters', 'x'.repeat(1_000)],
    ['in Chinese', '正确的马电池订书钉'],
    ['in emoji', '🔐🔑🗝️🔒🔓🧷🧲🪝'],
  ])('S21: accepts a password %s', async (_name, password) => {
    const person = somebody({ password })
    await server.client().register(person)
    await server.client().login(credentials(person))
  })

  it('S21: checks every character, even beyond the 72nd byte', async () => {
    const person = somebody({ password: `${'é'.repeat(72)}A` })
    await server.client().register(person)
    const wrong = await server.client().send(operations.login, {
      input: { email: person.email, password: `${'é'.repeat(72)}B` },
    })
    expect(refusal(wrong)).toEqual({ code: 'INVALID_CREDENTIALS' })
  })

  it.each([
    ['7 characters', '1234567'],
    ['1,001 characters', 'x'.repeat(1_001)],
  ])('S21: rejects a password of %s', async (_name, password) => {
    const answer = await server.client().send(operations.register, { input: somebody({ password }) })
    expect(refusal(answer)).toEqual({ code: 'BAD_USER_INPUT', field: 'password' })
  })

  it('S21: rehashes at sign-in when the cost has changed', async () => {
    const person = somebody()
    await server.client().register(person)
    // 2a$05: a hash with another cost, made by the library itself.
    const { preparePassword } = await import('../src/core/password/password-hasher.ts')
    const bcrypt = (await import('bcryptjs')).default
    const older = await bcrypt.hash(preparePassword(person.password), 5)
    await server.dataSource.query('UPDATE users SET password_hash = $1 WHERE email = $2', [older, person.email])
    await server.client().login(credentials(person))
    const [row] = await server.dataSource.query('SELECT password_hash FROM users WHERE email = $1', [person.email])
    expect(row.password_hash).toMatch(/^\$2b\$04\$/)
    await server.client().login(credentials(person))
  })
})

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function sign(claims: object, secret: string, options: jwt.SignOptions = {}) {
  return jwt.sign(claims, secret, {
    algorithm: 'HS256',
    keyid: 'test',
    header: { alg: options.algorithm ?? 'HS256', typ: 'at+jwt' },
    ...options,
  })
}
