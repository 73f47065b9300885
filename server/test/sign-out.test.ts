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
