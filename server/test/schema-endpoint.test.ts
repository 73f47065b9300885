import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { buildSchema } from 'graphql'
import { loadConfig } from '../src/config.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

const page = 'https://docs.example.com'
const schema = readFileSync(join(import.meta.dirname, '../../schema.graphql'), 'utf8')

let server: TestServer
let hidden: TestServer
beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: page })
  hidden = await startTestServer({ PUBLISH_SCHEMA: 'false' }, { beside: server })
})
afterAll(async () => {
  await hidden.stop()
  await server.stop()
})

/** Without the decoding and the caching of `fetch`. */
async function ask(headers: Record<string, string> = {}, method = 'GET', url = server.url) {
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    get(`${url}/schema.graphql`, { headers, method }, resolve).on('error', reject)
  })
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) }
}

it('serves the text of schema.graphql, which browsers show and tools can parse', async () => {
  const { status, headers, body } = await ask()
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(body.toString()).toBe(schema)
  expect(buildSchema(body.toString()).getQueryType()?.getFields()).toHaveProperty('me')
})

it('answers 304 to a client that has this version, and the text to one that has another', async () => {
  const { etag = '' } = (await ask()).headers
  expect(etag).toMatch(/^"[\w-]{43}"$/)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const { status, headers, body } = await ask({ 'if-none-match': known })
    expect([known, status, headers.etag, body.length]).toEqual([known, 304, etag, 0])
  }
  expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200)
})

it('answers HEAD with the headers of GET and no body', async () => {
  const [head, full] = [await ask({}, 'HEAD'), await ask()]
  expect([head.status, head.body.length]).toEqual([200, 0])
  for (const name of ['etag', 'content-type', 'content-length', 'vary']) {
    expect([name, head.headers[name]]).toEqual([name, full.headers[name]])
  }
})

it('compresses the text for clients that accept gzip, with a tag of its own', async () => {
  const plain = await ask()
  const zipped = await ask({ 'accept-encoding': 'br, gzip;q=0.8' })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(zipped.body).toString()).toBe(schema)
  expect(zipped.body.length).toBeLessThan(plain.body.length / 2)
  expect(zipped.headers.etag).not.toBe(plain.headers.etag)
  expect(zipped.headers.vary).toMatch(/accept-encoding/)
  const again = await ask({ 'accept-encoding': 'gzip', 'if-none-match': zipped.headers.etag ?? '' })
  expect(again.status).toBe(304)
  for (const refusing of ['identity', 'gzip;q=0', 'gzip; q=0.0, br']) {
    expect((await ask({ 'accept-encoding': refusing })).headers['content-encoding']).toBeUndefined()
  }
})

it('lets pages of CORS_ORIGINS read it, and no others', async () => {
  expect((await ask({ origin: page })).headers['access-control-allow-origin']).toBe(page)
  expect((await ask({ origin: 'https://evil.example' })).headers['access-control-allow-origin']).toBeUndefined()
})

it('says which setting publishes the schema when it is not published', async () => {
  for (const headers of [{}, { accept: 'text/html' }, { 'if-none-match': '*' }]) {
    const { status, body } = await ask(headers, 'GET', hidden.url)
    expect(status).toBe(404)
    expect(JSON.parse(body.toString()).errors[0]).toEqual({
      message: expect.stringContaining('PUBLISH_SCHEMA=true'),
      extensions: { code: 'NOT_FOUND' },
    })
  }
  expect((await ask({}, 'HEAD', hidden.url)).status).toBe(404)
})

it('publishes the schema outside production only, unless PUBLISH_SCHEMA says otherwise', () => {
  const production = {
    NODE_ENV: 'production',
    ACCESS_TOKEN_SECRETS: 'a:Jx1pXyM4Qm2vK7nRz0sTbW9cEfHgLd3u',
    REFRESH_TOKEN_SECRETS: 'r:Zq8wUe5rTy2iOp4aSd6fGh7jKl1xCv3b',
  }
  expect(loadConfig({}).publishSchema).toBe(true)
  expect(loadConfig(production).publishSchema).toBe(false)
  expect(loadConfig({ ...production, PUBLISH_SCHEMA: 'true' }).publishSchema).toBe(true)
})
