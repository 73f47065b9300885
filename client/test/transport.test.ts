import { describe, expect, it, jest } from '@jest/globals'
import { grantFromAuthPayload, graphqlTransport } from '../src/index.ts'

const URL = 'https://api.example/graphql'
const signal = new AbortController().signal
const refresh = { refreshToken: null, signal }

/** A transport whose server always gives the same answer, and the requests it received. */
function against(body: unknown, status = 200, headers: Record<string, string> = {}) {
  const asked: RequestInit[] = []
  const answer: typeof fetch = async (_, init) => {
    asked.push(init ?? {})
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })
  }
  return { asked, make: (more: object = {}) => graphqlTransport({ url: URL, fetch: answer, ...more }) }
}
const error = (code: string, more: object = {}) => ({ data: null, errors: [{ extensions: { code, ...more } }] })
const payload = { accessToken: 'a', accessTokenExpiresIn: 60, user: { id: 'ada' } }

describe('graphqlTransport', () => {
  it('C11: with the cookie transport, sends no refresh token and expects none', async () => {
    const { asked, make } = against({ data: { refreshToken: { ...payload, refreshToken: null } } })
    const grant = await make().refresh(refresh)
    expect(grant).toEqual({ accessToken: 'a', accessTokenExpiresIn: 60, refreshToken: null, userId: 'ada' })
    expect(asked[0]).toMatchObject({ keepalive: true, method: 'POST' })
    // The platform's default; some runtimes refuse to have it set.
    expect(asked[0]).not.toHaveProperty('credentials')
    expect(JSON.parse(String(asked[0]?.body)).variables).toEqual({})
  })

  it('C11: sends the cookie to another origin when configured', async () => {
    const { asked, make } = against({ data: { refreshToken: payload } })
    await make({ credentials: 'include' }).refresh(refresh)
    expect(asked[0]?.credentials).toBe('include')
  })

  it('C11: with the body transport, sends the given token and no cookie, or nothing if there is no token', async () => {
    const { asked, make } = against({ data: { refreshToken: { ...payload, refreshToken: 'r2' } } })
    const transport = make({ tokenTransport: 'BODY' })
    expect(await transport.refresh({ refreshToken: 'r1', signal })).toMatchObject({ refreshToken: 'r2' })
    expect(asked[0]?.credentials).toBe('omit')
    expect(JSON.parse(String(asked[0]?.body)).variables).toEqual({ token: 'r1' })
    await expect(transport.refresh(refresh)).rejects.toMatchObject({ reason: 'REFRESH_TOKEN_MISSING' })
    expect(asked).toHaveLength(1)
  })

  it.each(['REFRESH_TOKEN_INVALID', 'REFRESH_TOKEN_EXPIRED', 'REFRESH_TOKEN_REUSED', 'SESSION_REVOKED'])(
    'C5: ends the session on FORBIDDEN with %s',
    async (reason) => {
      const { make } = against(error('FORBIDDEN', { reason }))
      await expect(make().refresh(refresh)).rejects.toMatchObject({ name: 'SessionEndedError', reason })
    },
  )

  it('C5: ends the session when the cookie is missing', async () => {
    const { make } = against(error('BAD_USER_INPUT'), 400)
    await expect(make().refresh(refresh)).rejects.toMatchObject({ reason: 'REFRESH_TOKEN_MISSING' })
  })

  it.each([
    ['FORBIDDEN without a reason', error('FORBIDDEN'), 200],
    ['FORBIDDEN with an unknown reason', error('FORBIDDEN', { reason: 'NOT_TODAY' }), 200],
    ['UNAUTHENTICATED', error('UNAUTHENTICATED', { reason: 'SESSION_REVOKED' }), 401],
    ['INTERNAL_SERVER_ERROR', error('INTERNAL_SERVER_ERROR'), 500],
    ['SERVICE_UNAVAILABLE', error('SERVICE_UNAVAILABLE'), 503],
    ['a captive portal page', '<h1>Wi-Fi</h1>', 200],
    ['a bare 403 from a proxy', '', 403],
    ['an empty answer', 'null', 200],
  ])('C5: does not end the session on %s', async (_, body, status) => {
    await expect(against(body, status).make().refresh(refresh)).rejects.toMatchObject({
      name: 'ServerAnswerError',
      status,
    })
  })

  it.each([
    ['from the error', error('RATE_LIMITED', { retryAfterSeconds: 7 }), {}],
    ['from a string in the error', error('RATE_LIMITED', { retryAfterSeconds: '7' }), {}],
    ['from a header', 'busy', { 'retry-after': '7' }],
    ['from the error rather than the header', error('RATE_LIMITED', { retryAfterSeconds: 7 }), { 'retry-after': '60' }],
    ['from the header if the error has garbage', error('X', { retryAfterSeconds: 'soon' }), { 'retry-after': '7' }],
    ['from a date', 'busy', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }],
    ['from a date in an old form', 'busy', { 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }],
    ['from a date in the oldest form', 'busy', { 'retry-after': 'Sun Nov  6 08:49:37 1994' }],
  ])('C5: reads the retry delay %s', async (_, body, headers) => {
    const answer = against(body, 429, { date: 'Sun, 06 Nov 1994 08:49:30 GMT', ...headers })
    await expect(answer.make().refresh(refresh)).rejects.toMatchObject({ retryAfterMs: 7_000 })
  })

  it.each([
    ['a date that has passed', { 'retry-after': 'Sun, 06 Nov 1994 08:49:29 GMT' }, 0],
    ['a negative number', { 'retry-after': '-7' }, 0],
    ['a date without the server’s clock', { 'retry-after': 'Sun, 06 Nov 2994 08:49:37 GMT', date: '' }, undefined],
    ['words', { 'retry-after': 'soon 1' }, undefined],
    ['an empty value', { 'retry-after': '' }, undefined],
    ['infinity', { 'retry-after': 'Infinity' }, undefined],
    ['nothing', {}, undefined],
  ])('C5: takes a delay from %s as %p', async (_, headers, retryAfterMs) => {
    const answer = against('busy', 503, { date: 'Sun, 06 Nov 1994 08:49:30 GMT', ...headers })
    const failure = await answer
      .make()
      .refresh(refresh)
      .catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ name: 'ServerAnswerError', retryAfterMs })
  })

  it('names what is missing in the result of a sign-in', () => {
    for (const payload of [undefined, null, {}, { accessToken: 'a' }, { user: {} }]) {
      expect(() => grantFromAuthPayload(payload as never)).toThrow(/user\.id.*`user { id }`/)
    }
  })

  describe('when the runtime refuses optional flags', () => {
    /** A transport on a runtime that refuses requests with one of these, and the requests it sent. */
    function refusing(...flags: (keyof RequestInit)[]) {
      const sent: RequestInit[] = []
      const send: typeof fetch = async (_, init = {}) => {
        sent.push(init)
        if (flags.some((flag) => flag in init)) throw new TypeError('Failed to fetch')
        return Response.json({ data: { refreshToken: payload, logout: true } })
      }
      const tokenTransport = flags.includes('credentials') ? 'BODY' : 'COOKIE'
      return { sent, transport: graphqlTransport({ url: URL, fetch: send, tokenTransport }) }
    }
    const signOut = { refreshToken: null, accessToken: null, keepCookie: false, signal }

    it.each([
      ['keepalive, with the cookie transport', ['keepalive']],
      ['keepalive and credentials, with the body transport', ['keepalive', 'credentials']],
    ] as const)('C5: repeats a refresh without %s', async (_, flags) => {
      const { sent, transport } = refusing(...flags)
      const request = { refreshToken: 'r', signal }
      await expect(transport.refresh(request)).rejects.toThrow('Failed to fetch')
      await expect(transport.refresh({ ...request, isRetry: true })).resolves.toMatchObject({ userId: 'ada' })
      for (const flag of flags) expect(sent.map((init) => flag in init)).toEqual([true, false])
      // The failure may have had another cause, and has passed by now.
      await transport.refresh(request).catch(() => {})
      expect(sent[2]).toHaveProperty('keepalive', true)
    })

    it('C5: repeats a sign-out without keepalive, whatever became of the last calls', async () => {
      const { sent, transport } = refusing('keepalive')
      await transport.refresh(refresh).catch(() => {})
      await expect(transport.signOut?.(signOut)).rejects.toThrow('Failed to fetch')
      await expect(transport.signOut?.({ ...signOut, isRetry: true })).resolves.toBeUndefined()
      await transport.signOut?.(signOut).catch(() => {})
      expect(sent.map(({ keepalive }) => keepalive)).toEqual([true, true, undefined, true])
    })

    it('C8: never repeats a sign-out with a cookie that belongs to another session', async () => {
      const { sent, transport } = refusing('keepalive', 'credentials')
      for (let time = 0; time < 2; time++) await transport.signOut?.(signOut).catch(() => {})
      expect(sent.map(({ credentials }) => credentials)).toEqual(['omit', 'omit'])
    })
  })

  describe('outside browsers, which keep no cookies', () => {
    const withCookies = (...cookies: string[]) => {
      const headers = new Headers(cookies.map((cookie): [string, string] => ['set-cookie', cookie]))
      return async () => Response.json({ data: { refreshToken: payload, logout: true } }, { headers })
    }
    const warnings = async (cookies: string[], more: object = {}) => {
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
      const transport = graphqlTransport({ url: URL, fetch: withCookies(...cookies), ...more })
      for (let time = 0; time < 2; time++) await transport.refresh(refresh)
      const count = warn.mock.calls.length
      warn.mockRestore()
      return count
    }

    it.each(['refresh-token=r; Path=/; HttpOnly', '__Host-refresh-token=r', '__Secure-refresh-token=r; Path=/api'])(
      'C16: warns once when nothing takes the refresh cookie: %s',
      async (cookie) => {
        expect(await warnings(['x=y', cookie])).toBe(1)
      },
    )

    it.each([
      [[]],
      [['device=d; HttpOnly', 'refresh-token-hint=ada']],
      [['refresh-token=; Max-Age=0']],
      [['refresh-token']],
    ])('C16: does not warn when no refresh cookie is set: %j', async (cookies) => {
      expect(await warnings(cookies)).toBe(0)
    })

    it('C16: knows the refresh cookie by its configured name', async () => {
      expect(await warnings(['shop=r'], { cookieName: 'shop' })).toBe(1)
      expect(await warnings(['refresh-token=r'], { cookieName: 'shop' })).toBe(0)
    })

    it('C16: hands all cookies of every answer on', async () => {
      const taken: (readonly string[])[] = []
      const onSetCookie = (cookies: readonly string[]) => void taken.push(cookies)
      const cookies = ['refresh-token=r; Path=/', 'device=d']
      expect(await warnings(cookies, { onSetCookie })).toBe(0)
      const transport = graphqlTransport({ url: URL, fetch: withCookies('refresh-token=; Max-Age=0'), onSetCookie })
      await transport.signOut?.({ refreshToken: null, accessToken: 'a', keepCookie: false, signal })
      await graphqlTransport({ url: URL, fetch: withCookies(), onSetCookie }).refresh(refresh)
      expect(taken).toEqual([cookies, cookies, ['refresh-token=; Max-Age=0']])
    })

    it('C16: fails the refresh when the cookies cannot be handed on', async () => {
      const onSetCookie = () => {
        throw new Error('Headers already sent')
      }
      const transport = graphqlTransport({ url: URL, fetch: withCookies('refresh-token=r'), onSetCookie })
      await expect(transport.refresh(refresh)).rejects.toThrow('Headers already sent')
    })

    it('C16: works where Headers has no getSetCookie', async () => {
      const headers = { get: () => null }
      const fetch = async () => ({ status: 200, headers, json: async () => ({ data: { refreshToken: payload } }) })
      const transport = graphqlTransport({ url: URL, fetch: fetch as unknown as typeof globalThis.fetch })
      await expect(transport.refresh(refresh)).resolves.toMatchObject({ userId: 'ada' })
    })
  })

  it('C8: signs out a late token without the cookie, which belongs to another user', async () => {
    const { asked, make } = against({ data: { logout: true } })
    await make().signOut?.({ refreshToken: null, accessToken: 'late', keepCookie: true, signal })
    expect(asked[0]).toMatchObject({ credentials: 'omit', headers: { authorization: 'Bearer late' } })
    await make().signOut?.({ refreshToken: null, accessToken: null, keepCookie: false, signal })
    expect(asked[1]).not.toHaveProperty('credentials')
  })

  it('C8: rejects a sign-out that the server does not confirm', async () => {
    const { make } = against(error('INTERNAL_SERVER_ERROR'), 500)
    const leaving = make().signOut?.({ refreshToken: null, accessToken: null, keepCookie: false, signal })
    await expect(leaving).rejects.toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
  })
})
