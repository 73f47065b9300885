import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { type Answer, operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const ended = { code: 'FORBIDDEN', reason: 'SESSION_REVOKED' }
const refreshOf = async (refreshToken: string | null) =>
  refusal(await server.client().send(operations.refreshToken, { refreshToken }))

describe('S14: logout', () => {
  it('S14: ends the session of the access token', async () => {
    const { accessToken, refreshToken } = await server.client().register(somebody())
    expect((await server.client().logout(accessToken)).body.data).toEqual({ logout: true })
    expect(await refreshOf(refreshToken)).toEqual(ended)
  })

  it('S14: ends the session of the given refresh token, even if it is spent', async () => {
    const first = await server.client().register(somebody())
    const second = await server.client().refresh(first.refreshToken)
    await server.client().logout(undefined, first.refreshToken ?? '')
    expect(await refreshOf(second.refreshToken)).toEqual(ended)
  })

  it('S14: ends the session of the refresh token argument, not that of the access token', async () => {
    const one = await server.client().register(somebody())
    const other = await server.client().register(somebody())
    await server.client().logout(one.accessToken, other.refreshToken ?? '')
    expect(await refreshOf(other.refreshToken)).toEqual(ended)
    expect(await refreshOf(one.refreshToken)).toBeUndefined()
  })

  it('S14: ends the session of the access token when the given refresh token is invalid', async () => {
    const browser = server.client()
    await browser.register(somebody({ tokenTransport: 'COOKIE' }))
    const { accessToken, refreshToken } = await server.client().register(somebody())
    expect((await browser.logout(accessToken, 'bad')).body.data).toEqual({ logout: true })
    expect(await refreshOf(refreshToken)).toEqual(ended)
    await browser.refresh() // the cookie belongs to another app
  })

  it('S14: never falls back to the cookie when the given refresh token is invalid', async () => {
    const browser = server.client()
    await browser.register(somebody({ tokenTransport: 'COOKIE' }))
    expect((await browser.logout(undefined, 'bad')).body.data).toEqual({ logout: true })
    await browser.refresh()
  })

  it('S14: returns true even if the session has ended or nobody is signed in', async () => {
    const { accessToken } = await server.client().register(somebody())
    for (const token of [accessToken, accessToken, undefined, 'bad']) {
      expect((await server.client().logout(token)).body).toEqual({ data: { logout: true } })
    }
    expect((await server.client().logout(undefined, 'bad')).body).toEqual({ data: { logout: true } })
  })
})

describe('S18: the cookie', () => {
  const inCookie = () => somebody({ tokenTransport: 'COOKIE' })
  const tokenCookies = (answer: Answer) =>
    answer.headers.getSetCookie().filter((line) => /^(__Host-)?refresh-token=/.test(line))

  it('S18: carries the refresh token, which the body then omits', async () => {
    const client = server.client()
    const answer = await client.send(operations.register, { input: inCookie() })
    expect(answer.body.data?.register.refreshToken).toBeNull()
    expect(tokenCookies(answer)).toHaveLength(1)
    expect(tokenCookies(answer)[0]).toMatch(
      /^refresh-token=[\w.-]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const refreshed = await client.send(operations.refreshToken)
    expect(refreshed.body.data?.refreshToken).toMatchObject({ refreshToken: null, user: { role: 'USER' } })
    expect(tokenCookies(refreshed)).toHaveLength(1)
  })

  it('S18: is __Host- and Secure when required', async () => {
    const secure = await startTestServer({ COOKIE_SECURE: 'true' })
    try {
      const answer = await secure.client().send(operations.register, { input: inCookie() })
      expect(tokenCookies(answer)[0]).toMatch(/^__Host-refresh-token=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    } finally {
      await secure.stop()
    }
  })

  it('S18: is not changed by a failed refresh', async () => {
    const client = server.client()
    const { accessToken } = await client.register(inCookie())
    await server.client().logout(accessToken)
    const answer = await client.send(operations.refreshToken)
    expect(refusal(answer)).toEqual(ended)
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  it('S18: is cleared by logout, which ends its session even with an expired access token', async () => {
    const client = server.client()
    const { accessToken } = await client.register(inCookie())
    const token = client.jar.get('refresh-token') ?? ''
    await server.clock.advance({ minutes: 2 })
    const answer = await client.logout(accessToken)
    expect(tokenCookies(answer)[0]).toMatch(/^refresh-token=; .*(Max-Age=0|Expires=Thu, 01 Jan 1970)/)
    expect(client.jar.has('refresh-token')).toBe(false)
    expect(await refreshOf(token)).toEqual(ended)
  })

  it('S18: is not cleared by logout of another session', async () => {
    const client = server.client()
    await client.register(inCookie())
    const other = await server.client().register(somebody())
    await client.logout(undefined, other.refreshToken ?? '')
    await client.refresh()
    expect(await refreshOf(other.refreshToken)).toEqual(ended)
  })
})

describe('S18: the hint', () => {
  const inCookie = () => somebody({ tokenTransport: 'COOKIE' })
  const hints = (answer: Answer) => answer.headers.getSetCookie().filter((line) => line.includes('refresh-token-hint='))
  const tokens = (answer: Answer) => answer.headers.getSetCookie().filter((line) => line.includes('refresh-token='))

  it('S18: contains the id of the user, and has the life of the cookie, at sign-up, sign-in and refresh', async () => {
    const client = server.client()
    const person = inCookie()
    const { email, password, tokenTransport } = { tokenTransport: 'COOKIE', ...person }
    const answers = [
      await client.send(operations.register, { input: person }),
      await client.send(operations.login, { input: { email, password, tokenTransport } }),
      await client.send(operations.refreshToken),
    ]
    const id = answers[0]?.body.data?.register.user.id
    for (const answer of answers) {
      expect(hints(answer)).toEqual([`refresh-token-hint=${id}; Max-Age=604800; Path=/; SameSite=Strict`])
      expect(tokens(answer)).toEqual([expect.stringMatching(/; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/)])
    }
  })

  it('S18: lives no longer than the session', async () => {
    const short = await startTestServer({ SESSION_ABSOLUTE_TTL: '1h' }, { beside: server })
    try {
      const answer = await short.client().send(operations.register, { input: inCookie() })
      expect(hints(answer)[0]).toContain('; Max-Age=3600; ')
      expect(tokens(answer)[0]).toContain('; Max-Age=3600; ')
    } finally {
      await short.stop()
    }
  })

  it('S18: is not set with BODY', async () => {
    const client = server.client()
    const answer = await client.send(operations.register, { input: somebody() })
    const { refreshToken } = answer.body.data?.register ?? {}
    expect(hints(answer)).toEqual([])
    expect(hints(await client.send(operations.refreshToken, { refreshToken }))).toEqual([])
  })

  it('S18: is cleared by logout together with the cookie, and only then', async () => {
    const client = server.client()
    const { user } = await client.register(inCookie())
    const other = await server.client().register(somebody())
    await client.logout(other.accessToken)
    expect(client.jar.get('refresh-token-hint')).toBe(user.id)
    const answer = await client.logout()
    expect(hints(answer)).toEqual([
      expect.stringMatching(/^refresh-token-hint=; Max-Age=0; Path=\/; .*SameSite=Strict$/),
    ])
    expect([...client.jar.keys()]).toEqual(['device'])
  })

  it('S18: means nothing to the server', async () => {
    const client = server.client()
    const { user } = await client.register(inCookie())
    const stranger = server.client()
    stranger.jar.set('refresh-token-hint', user.id)
    expect(refusal(await stranger.send(operations.refreshToken))).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'refreshToken',
    })
    await stranger.logout()
    client.jar.set('refresh-token-hint', 'somebody-else')
    expect((await client.refresh()).user).toEqual(user)
  })

  it.each([
    ['/', '__Host-'],
    ['/app', '__Secure-'],
  ])('S18, S19: has the path and the prefix of the other cookies, with COOKIE_PATH=%s', async (path, prefix) => {
    const secure = await startTestServer({ COOKIE_SECURE: 'true', COOKIE_PATH: path }, { beside: server })
    try {
      const client = secure.client()
      const signedIn = await client.send(operations.register, { input: inCookie() })
      const cookies = signedIn.headers.getSetCookie()
      const [device, token, hint] = ['device', 'refresh-token', 'refresh-token-hint'].map((name) => `${prefix}${name}`)
      expect(cookies.map((line) => line.split('=', 1)[0])).toEqual([device, token, hint])
      for (const line of cookies) expect(line).toContain(`; Path=${path}; `)
      expect(cookies.map((line) => line.includes('; HttpOnly'))).toEqual([true, true, false])
      expect(cookies.filter((line) => line.endsWith('; Secure; SameSite=Strict'))).toHaveLength(3)
      await client.refresh()
      const signedOut = (await client.logout()).headers.getSetCookie()
      expect(signedOut.map((line) => line.split(';', 1)[0])).toEqual([`${token}=`, `${hint}=`])
      for (const line of signedOut) expect(line).toContain(`; Path=${path}; `)
      expect([...client.jar.keys()]).toEqual([device])
    } finally {
      await secure.stop()
    }
  })

  it('S18: also over http, where another path needs no prefix', async () => {
    const elsewhere = await startTestServer({ COOKIE_PATH: '/app' }, { beside: server })
    try {
      const answer = await elsewhere.client().send(operations.register, { input: inCookie() })
      expect(tokens(answer)).toEqual([
        expect.stringMatching(/^refresh-token=.*; Path=\/app; HttpOnly; SameSite=Strict$/),
      ])
      expect(hints(answer)).toEqual([expect.stringMatching(/^refresh-token-hint=.*; Path=\/app; SameSite=Strict$/)])
    } finally {
      await elsewhere.stop()
    }
  })
})
