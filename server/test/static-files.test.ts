import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startTestServer, type TestServer } from './support/test-server.ts'

/** A built app beside a file that is not part of it. */
const folder = mkdtempSync(join(tmpdir(), 'silent-refresh-files-'))
const webRoot = join(folder, 'app')
const SCRIPT = 'console.log("app")\n'
const SECRET = 'not for the web'

for (const [path, content] of [
  ['app/index.html', '<title>Account centre</title>'],
  ['app/index.html.gz', gzipSync('<title>Account centre</title>')],
  ['app/assets/main-1a2b3c.js', SCRIPT],
  ['app/assets/main-1a2b3c.js.gz', gzipSync(SCRIPT)],
  ['app/assets/deep/note.txt', 'a note'],
  ['app/.env', SECRET],
  ['app/.git/config', SECRET],
  ['secret.txt', SECRET],
] as const) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { webRoot })
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

/** Sends the path as it is: `fetch` would resolve its dots and slashes first. */
async function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }> {
  const { hostname, port } = new URL(server.url)
  const sent = request({ hostname, port, path, headers }).end()
  const [answer] = await once(sent, 'response')
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

it('serves built files for a year, and pages to be revalidated', async () => {
  const script = await get('/assets/main-1a2b3c.js')
  expect([script.status, script.body]).toEqual([200, SCRIPT])
  expect(script.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': expect.stringMatching(/^(text|application)\/javascript/),
    vary: 'accept-encoding, origin',
    etag: expect.any(String),
    'last-modified': expect.any(String),
    'x-content-type-options': 'nosniff',
  })
  const page = await get('/')
  expect([page.status, page.body]).toEqual([200, '<title>Account centre</title>'])
  expect(page.headers).toMatchObject({
    'cache-control': 'no-cache',
    'content-type': expect.stringMatching(/^text\/html/),
  })
})

it('answers 304 with the same caching headers when nothing has changed', async () => {
  const { headers } = await get('/assets/main-1a2b3c.js')
  const answer = await get('/assets/main-1a2b3c.js', { 'if-none-match': String(headers.etag) })
  expect([answer.status, answer.body]).toEqual([304, ''])
  expect(answer.headers).toMatchObject({ etag: headers.etag, 'cache-control': headers['cache-control'] })
  expect((await get('/assets/main-1a2b3c.js', { 'if-none-match': '"other"' })).status).toBe(200)
})

it('serves a range, and refuses one outside the file', async () => {
  const part = await get('/assets/main-1a2b3c.js', { range: 'bytes=0-6' })
  expect([part.status, part.body, part.headers['content-range']]).toEqual([
    206,
    'console',
    `bytes 0-6/${SCRIPT.length}`,
  ])
  expect((await get('/assets/main-1a2b3c.js', { range: 'bytes=1000-' })).status).toBe(416)
})

it('serves the compressed copy to clients that accept it', async () => {
  const { hostname, port } = new URL(server.url)
  const headers = { 'accept-encoding': 'gzip' }
  const [answer] = await once(request({ hostname, port, path: '/assets/main-1a2b3c.js', headers }).end(), 'response')
  const chunks: Buffer[] = await answer.toArray()
  expect(answer.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(SCRIPT)
})

// The spellings that got past a guard or `allowedPath` in @fastify/static before 10.1.4. Only the exact path of a file is served.
it.each([
  ['an encoded slash (GHSA-x428-ghpx-8j92)', '/assets%2Fdeep%2Fnote.txt'],
  ['dots inside the path (GHSA-83w8-p2f5-377r)', '/nothing/../assets/deep/note.txt'],
  ['encoded dots inside the path (GHSA-83w8-p2f5-377r)', '/nothing/%2E%2E/assets/deep/note.txt'],
  ['a single dot (GHSA-423g-23ch-w7c6)', '/assets/./deep/note.txt'],
  ['a double slash (GHSA-8pvw-jcv7-9cmj)', '//assets/deep/note.txt'],
  ['another case of a letter (GHSA-r799-r9gc-m956)', '/Assets/deep/note.txt'],
])('answers 404 to another spelling of a path: %s', async (_advisory, path) => {
  const answer = await get(path)
  expect([answer.status, JSON.parse(answer.body).errors[0].extensions.code]).toEqual([404, 'NOT_FOUND'])
})

it.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/assets/..%5c..%5csecret.txt',
  '/..\\secret.txt',
  '/.env',
  '/.git/config',
  '/%2egit/config',
])('serves neither a file outside the app nor a hidden one: %s', async (path) => {
  for (const headers of [{}, { accept: 'text/html' }]) {
    const answer = await get(path, headers)
    expect([200, 400, 403, 404]).toContain(answer.status)
    expect(answer.body).not.toContain(SECRET)
    // A browser that navigates to an unknown path gets the app, which shows its own page for it.
    if (answer.status === 200) expect(answer.body).toBe('<title>Account centre</title>')
  }
})

it.each(['/assets', '/assets/', '/assets/deep/', '/.git/'])(
  'lists no folder (GHSA-pr96-94w5-mx2h, GHSA-7533-p376-8gg5): %s',
  async (path) => {
    const answer = await get(path)
    expect(answer.status).toBe(404)
    expect(answer.body).not.toMatch(/main-1a2b3c|note\.txt|config/)
  },
)

it.each(['/assets/%', '/assets/%ff', '/assets/%c0%ae', '/%00', '/assets/main-1a2b3c.js%00.html'])(
  'answers a malformed or unknown path without an internal error: %s',
  async (path) => {
    const answer = await get(path)
    expect([400, 404]).toContain(answer.status)
    expect(JSON.parse(answer.body).errors[0].extensions.code).toMatch(/^(BAD_REQUEST|NOT_FOUND)$/)
  },
)
