import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { refusedHandshake } from './support/test-socket.ts'

const pages = ['https://app.example.com', 'http://tauri.localhost']
const shells = [
  'capacitor://localhost',
  'ionic://localhost',
  'tauri://localhost',
  'app://.',
  'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
]
const strangers = [
  'null',
  'file://',
  'https://evil.example',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://app.example.com.evil.example',
  'https://localhost',
  'capacitor://evil',
  'capacitor://localhost:3000',
  'capacitor://localhost/',
  'Capacitor://localhost',
  'app://',
  'chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba',
  '*',
]

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: [...pages, ...shells].join(', ') })
})
afterAll(() => server.stop())

const allowed = ({ headers }: { headers: Headers }) => [
  headers.get('access-control-allow-origin'),
  headers.get('access-control-allow-credentials'),
]
const preflight = (origin: string) =>
  fetch(`${server.url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
/** The status with which the server refuses a socket of this page; null when it accepts. */
const handshake = (origin: string, host?: string) =>
  refusedHandshake(`${server.url.replace('http', 'ws')}/graphql`, { origin, ...(host && { headers: { host } }) })

describe('S17: CORS_ORIGINS', () => {
  it.each([...pages, ...shells])('S17: admits %s to requests with credentials and to sockets', async (origin) => {
    const before = await preflight(origin)
    expect(before.status).toBe(204)
    expect(allowed(before)).toEqual([origin, 'true'])
    expect(before.headers.get('access-control-allow-headers')).toBe('authorization,content-type')
    expect(before.headers.get('vary')).toMatch(/origin/i)

    const client = server.client({ origin })
    const answer = await client.send(operations.register, { input: somebody({ tokenTransport: 'BODY' }) })
    expect(allowed(answer)).toEqual([origin, 'true'])
    const { accessToken, refreshToken } = answer.body.data?.register ?? {}
    const me = await client.me(accessToken)
    expect([...allowed(me), refusal(me)]).toEqual([origin, 'true', undefined])
    expect((await client.refresh(refreshToken)).user.role).toBe('USER')
    const refused = await client.me('bad')
    expect([...allowed(refused), refused.status]).toEqual([origin, 'true', 401]) // or the app could not read the code

    expect(await handshake(origin)).toBeNull()
  })

  it.each(strangers)('S17: keeps %s out of both', async (origin) => {
    expect(allowed(await preflight(origin))[0]).toBeNull()
    expect(allowed(await server.client({ origin }).me())[0]).toBeNull()
    expect(await handshake(origin)).toBe(403)
  })

  it('S17: admits pages of the same host to sockets, but no shell or extension of the same name', async () => {
    for (const host of ['localhost', 'localhost:4000', 'app.example.org', '.']) {
      for (const scheme of ['capacitor', 'ionic', 'app', 'chrome-extension', 'file', 'ftp', 'ws', 'wss']) {
        if (shells.includes(`${scheme}://${host}`)) continue
        expect([scheme, host, await handshake(`${scheme}://${host}`, host)]).toEqual([scheme, host, 403])
      }
    }
    for (const [page, host] of [
      ['http://localhost', 'localhost'],
      ['http://localhost:4000', 'localhost:4000'],
      ['https://app.example.org', 'app.example.org'],
      ['https://app.example.org', 'app.example.org:443'],
    ] as const) {
      expect([page, await handshake(page, host)]).toEqual([page, null])
    }
  })
})
