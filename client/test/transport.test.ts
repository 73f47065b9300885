import { describe, expect, it } from '@jest/globals'
import { graphqlTransport } from '../src/index.ts'

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
    expect(asked[0]).toMatchObject({ credentials: 'same-origin', keepalive: true, method: 'POST' })
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
    ['from a header', 'busy', { 'retry-after': '7' }],
  ])('C5: reads the retry delay %s', async (_, body, headers) => {
    await expect(against(body, 429, headers).make().refresh(refresh)).rejects.toMatchObject({ retryAfterMs: 7_000 })
  })

  it('C8: signs out a late token without the cookie, which belongs to another user', async () => {
    const { asked, make } = against({ data: { logout: true } })
    await make().signOut?.({ refreshToken: null, accessToken: 'late', keepCookie: true, signal })
    expect(asked[0]).toMatchObject({ credentials: 'omit', headers: { authorization: 'Bearer late' } })
    await make().signOut?.({ refreshToken: null, accessToken: null, keepCookie: false, signal })
    expect(asked[1]).toMatchObject({ credentials: 'same-origin' })
  })

  it('C8: rejects a sign-out that the server does not confirm', async () => {
    const { make } = against(error('INTERNAL_SERVER_ERROR'), 500)
    const leaving = make().signOut?.({ refreshToken: null, accessToken: null, keepCookie: false, signal })
    await expect(leaving).rejects.toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
  })
})
