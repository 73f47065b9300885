import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startTestServer, type TestServer } from './support/test-server.ts'

/** Pages as the build writes them, so that this test needs no build. */
const webRoot = mkdtempSync(join(tmpdir(), 'silent-refresh-pages-'))
for (const [name, text] of [
  ['index.html', '<title>Account centre</title>'],
  ['playground.html', '<title>Playground</title>'],
] as const) {
  writeFileSync(join(webRoot, name), text)
  writeFileSync(join(webRoot, `${name}.gz`), gzipSync(text))
}

let on: TestServer
let off: TestServer
beforeAll(async () => {
  on = await startTestServer({ DEMO_USERS: 'true', COOKIE_NAME: 'my-token' }, { webRoot })
  off = await startTestServer({ PLAYGROUND: 'false', PUBLISH_SCHEMA: 'false' }, { webRoot, beside: on })
})
afterAll(async () => {
  await off.stop()
  await on.stop()
  rmSync(webRoot, { recursive: true })
})

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const visit = (server: TestServer, path: string) => fetch(`${server.url}${path}`, { headers: browser })
const post = (server: TestServer) => server.client().send('{ serverTime }')

describe('with the playground on', () => {
  it.each(['/graphql', '/graphql/', '/graphql?query={me{id}}', '/playground', '/playground.html'])(
    'shows it in a browser at %s',
    async (path) => {
      const answer = await visit(on, path)
      expect([answer.status, await answer.text()]).toEqual([200, '<title>Playground</title>'])
      expect(new URL(answer.url).pathname).toBe(path === '/playground' ? '/graphql' : path.split('?')[0])
    },
  )

  it('tells the page what it needs, freshly', async () => {
    const answer = await fetch(`${on.url}/playground.json`)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(await answer.json()).toEqual({ demoUser: null, schemaUrl: '/schema.graphql', cookieName: 'my-token' })
    await on.app.services.passwords.createUser(
      { username: 'demo', email: 'demo@example.com', password: 'a long password' },
      'USER',
    )
    expect(await (await fetch(`${on.url}/playground.json`)).json()).toHaveProperty('demoUser', 'demo@example.com')
  })

  it('names no schema that is not published, and no demo user that cannot sign in', async () => {
    const other = await startTestServer({ DEMO_USERS: 'false', PUBLISH_SCHEMA: 'false' }, { beside: on, webRoot })
    const answer = await fetch(`${other.url}/playground.json`)
    expect(await answer.json()).toEqual({ demoUser: null, schemaUrl: null, cookieName: 'refresh-token' })
    await other.stop()
  })
})

describe('with PLAYGROUND=false', () => {
  it.each(['/graphql', '/graphql?query={me{id}}', '/playground', '/playground.html', '/playground.json'])(
    'says at %s how to turn it on, and shows no page',
    async (path) => {
      const answer = await visit(off, path)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toEqual({
        errors: [{ message: expect.stringContaining('PLAYGROUND=true'), extensions: { code: 'NOT_FOUND' } }],
      })
    },
  )

  it('serves no copy of the page either', async () => {
    const answer = await fetch(`${off.url}/playground.html.gz`)
    expect(answer.status).toBe(404)
  })

  it('still serves the account centre and the API', async () => {
    expect(await (await visit(off, '/')).text()).toContain('Account centre')
    expect(await (await visit(off, '/devices')).text()).toContain('Account centre')
    expect((await post(off)).body.data).toHaveProperty('serverTime')
    const headers = { accept: 'application/json', 'apollo-require-preflight': '1' }
    expect((await fetch(`${off.url}/graphql?query={serverTime}`, { headers })).status).toBe(200)
  })
})

it('keeps the security headers on both answers', async () => {
  for (const server of [on, off]) {
    const { headers } = await visit(server, '/graphql')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('cache-control')).toBe('no-store')
  }
})
