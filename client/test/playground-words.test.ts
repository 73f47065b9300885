import { describe, expect, it } from '@jest/globals'
import { readSettings } from '../src/playground/session/playground-settings.ts'
import { refusalWords } from '../src/playground/session/sign-in.ts'
import { tokenWords } from '../src/playground/session/token-use.ts'

describe('the bar of the playground', () => {
  it.each([null, undefined, 42, 'text', [], {}, { demoUser: 1, schemaUrl: '', cookieName: null }])(
    'works with the settings %j',
    (json) => {
      expect(readSettings(json)).toEqual({ demoUser: null, schemaUrl: null, cookieName: 'refresh-token' })
    },
  )

  it('C7: promises a renewal only while the token is in use, and keeps the number and its unit on one line', () => {
    const token = { accessTokenExpiresInMs: 42_001, state: 'active' as const }
    expect(tokenWords(token, true)).toBe('token renews within 43\u00a0s')
    expect(tokenWords(token, false)).toBe('token expires in 43\u00a0s, renewed when needed')
    expect(tokenWords({ ...token, accessTokenExpiresInMs: null }, true)).toBe('token expired, renewed when needed')
    expect(tokenWords({ accessTokenExpiresInMs: null, state: 'refreshing' }, true)).toBe('renewing the token …')
    expect(tokenWords({ ...token, accessTokenExpiresInMs: Number.POSITIVE_INFINITY }, true)).toContain('without')
  })

  it('says why a sign-in was refused', () => {
    const answer = (code: string, more = {}) => ({
      errors: [{ message: 'As the server says.', extensions: { code, ...more } }],
    })
    expect(refusalWords(answer('INVALID_CREDENTIALS'), 200)).toBe('The email or the password is wrong.')
    expect(refusalWords(answer('RATE_LIMITED', { retryAfterSeconds: 1 }), 200)).toBe(
      'Too many attempts. Try again in 1 second.',
    )
    expect(refusalWords(answer('RATE_LIMITED', { retryAfterSeconds: 30 }), 200)).toContain('30 seconds')
    expect(refusalWords(answer('NOT_FOUND'), 404)).toBe('As the server says.')
    expect(refusalWords(null, 502)).toBe('The server answered with the status 502.')
  })
})
