import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { instanceEnv } from './support/processes/instances.ts'
import { endAllServerProcesses, type ServerProcess, startServerProcess } from './support/processes/server-process.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => {
  endAllServerProcesses()
  await database.drop()
})

let server: ServerProcess
beforeEach(() => {
  server = startServerProcess(instanceEnv(database.url, { LOG_LEVEL: 'info' }))
})

/** Sends requests until one fails, because each writes to the log. */
async function requestUntilItStops(url: string): Promise<void> {
  for (let isUp = true; isUp; )
    isUp = await fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    )
}

it('stops with exit code 1 when the reader of its output ends before the server is ready', async () => {
  server.stdout.destroy()
  expect(await server.exited).toBe(1)
  expect(server.output()).not.toContain('Unhandled')
})

it('stops with exit code 1 when the reader of its output ends later', async () => {
  const url = await server.ready
  server.stdout.destroy()
  await requestUntilItStops(url)
  expect(await server.exited).toBe(1)
  expect(server.output()).not.toContain('Unhandled')
})

it('keeps running when the reader of its errors ends', async () => {
  server.stderr.destroy()
  const url = await server.ready
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(await server.end('SIGTERM')).toBe(0)
})

it('answers and obeys signals while the reader of its output does not read', async () => {
  const url = await server.ready
  server.stdout.removeAllListeners('data').pause()
  const ask = () => fetch(`${url}/healthz`).then(({ status }) => status)
  // About 500 bytes of log for each, far more than a pipe, its reader and the queue can hold.
  for (let i = 0; i < 400; i += 1)
    expect(new Set(await Promise.all(Array.from({ length: 10 }, ask)))).toEqual(new Set([200]))
  const ended = server.end('SIGTERM')
  while (
    await fetch(url).then(
      () => true,
      () => false,
    )
  )
    await new Promise(setImmediate)
  let unread = 0
  server.stdout.on('data', (chunk: Buffer) => {
    unread += chunk.length
  })
  server.stdout.resume()
  expect(await ended).toBe(0)
  expect(unread).toBeGreaterThan(500_000)
  expect(unread).toBeLessThan(1_500_000)
})

it('names what is lax when other machines can reach a server in development mode', async () => {
  const lax = startServerProcess({ HOST: '0.0.0.0', DATABASE_URL: database.url, NODE_ENV: 'development' })
  await Promise.all([lax.ready, server.ready])
  await Promise.all([lax.end('SIGTERM'), server.end('SIGTERM')])
  const warnings = lax
    .output()
    .split('\n')
    .filter((line) => line.startsWith('Warning:'))
  expect(warnings).toEqual([
    expect.stringMatching(/0\.0\.0\.0.*introspect.*not Secure.*secrets are generated.*NODE_ENV=production/),
  ])
  expect(lax.output()).not.toContain('Created')
  expect(server.output()).not.toContain('Warning:')
})
