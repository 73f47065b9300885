import { once } from 'node:events'
import { get } from 'node:http'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
let behindTls: TestServer
beforeAll(async () => {
  server = await startTestServer()
  behindTls = await startTestServer({ COOKIE_SECURE: 'true' }, { beside: server })
})
afterAll(async () => {
  await behindTls.stop()
  await server.stop()
})

const places = [
  ['the web app', '/', 'text/html'],
  ['the playground', '/graphql', 'text/html'],
  ['the API', '/graphql?query={serverTime}', 'application/json'],
  ['a health check', '/healthz', '*/*'],
  ['an unknown path', '/nothing-here', '*/*'],
] as const

it.each(places)('sends the browser security headers with %s', async (_name, path, accept) => {
  const { headers } = await fetch(`${server.url}${path}`, { headers: { accept, 'apollo-require-preflight': '1' } })
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
  expect(headers.get('x-powered-by')).toBeNull()
})

it.each(places)('blocks foreign scripts and framing for %s', async (_name, path, accept) => {
  const { headers } = await fetch(`${server.url}${path}`, { headers: { accept } })
  const policy = readPolicy(headers.get('content-security-policy'))
  // Scripts have no directive of their own and fall back to the default.
  expect(policy.get('script-src') ?? policy.get('default-src')).toEqual(["'self'"])
  expect(policy.get('default-src')).toEqual(["'self'"])
  expect(policy.get('frame-ancestors')).toEqual(["'none'"])
  expect(policy.get('object-src')).toEqual(["'none'"])
  expect(policy.get('base-uri')).toEqual(["'none'"])
  expect(policy.get('form-action')).toEqual(["'self'"])
  const sources = [...policy.values()].flat()
  expect(sources).not.toContain('*')
  expect(sources).not.toContain("'unsafe-eval'")
  const { host } = new URL(server.url)
  expect(policy.get('connect-src')).toEqual(["'self'", `ws://${host}`, `wss://${host}`])
  expect(sources.filter((source) => source.includes('://') && !source.endsWith(`://${host}`))).toEqual([])
})

it('lets pages connect to their own host only, whatever the Host header contains', async () => {
  const connectSources = async (url: string, host: string) => {
    const [answer] = await once(get(`${url}/healthz`, { headers: { host } }), 'response')
    answer.resume()
    return readPolicy(answer.headers['content-security-policy']).get('connect-src')
  }
  const own = ["'self'", 'ws://app.example.com', 'wss://app.example.com']
  expect(await connectSources(behindTls.url, 'app.example.com')).toEqual(own)
  expect(await connectSources(server.url, '[::1]:4000')).toEqual(["'self'"])
  for (const host of ['*', 'a b', "a;script-src 'unsafe-inline'", 'a, b', 'https://evil.example', '*.example.com']) {
    expect(await connectSources(behindTls.url, host)).toEqual(["'self'"])
  }
})

function readPolicy(header: string | null | undefined): Map<string, string[]> {
  return new Map(
    (header ?? '').split(';').map((part) => {
      const [name = '', ...sources] = part.trim().split(' ')
      return [name, sources] as const
    }),
  )
}

it('sends Strict-Transport-Security only with secure cookies', async () => {
  expect((await fetch(`${server.url}/healthz`)).headers.get('strict-transport-security')).toBeNull()
  const strict = (await fetch(`${behindTls.url}/healthz`)).headers.get('strict-transport-security')
  expect(Number(/max-age=(\d+)/.exec(strict ?? '')?.[1])).toBeGreaterThanOrEqual(180 * 86_400)
})

it('forbids caching of API answers', async () => {
  const headers = { 'apollo-require-preflight': '1', 'content-type': 'application/json' }
  const persisted = { extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } }
  const bodies = [
    ...['{serverTime}', '{me{id}}', '{nothing}', '{'].map((query) => ({ query })),
    persisted,
    'x'.repeat(200_000),
  ]
  for (const body of bodies) {
    const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
})
