import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { until } from '../../../test/support/until.ts'
import { loadConfig } from '../../config.ts'
import { createFastify } from '../create-fastify.ts'

let app: FastifyInstance
let lines: { msg: string; req?: { path: string }; res?: { statusCode: number } }[] = []
let counted: { method: string; route: string | undefined; status: number; tookMs: number }[] = []
let answers: (() => void)[] = []

beforeAll(async () => {
  app = createFastify(loadConfig({}), {
    logStream: { write: (line) => lines.push(JSON.parse(line)) },
    countRequest: (request) => counted.push(request),
  })
  app.post('/at-once', async () => 'fine')
  app.post('/held', () => new Promise((resolve) => answers.push(() => resolve('fine'))))
  app.post('/large', async () => 'x'.repeat(50_000_000))
  app.post('/endless', async () => Readable.from(endless()))
  await app.listen({ host: '127.0.0.1', port: 0 })
})
beforeEach(() => {
  lines = []
  counted = []
  answers = []
})
afterAll(async () => {
  app.server.closeAllConnections()
  await app.close()
})

async function* endless() {
  for (;;) yield 'x'.repeat(100_000)
}

async function open(): Promise<Socket> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const BODY = '{"password":"secret"}'
const head = (path: string) =>
  `POST ${path}?token=secret HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n`
const post = (path: string) => head(path) + BODY

/** Reads until this many responses have begun. */
async function responses(socket: Socket, count: number): Promise<void> {
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk
    if (text.split('HTTP/1.1 ').length > count) return
  }
}

/** The ends of requests as logged, once all connections have closed and all that was queued has run. */
async function ends(): Promise<string[]> {
  await until(async () => (await connections()) === 0)
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  return lines
    .filter(({ msg }) => msg.startsWith('request'))
    .map(({ msg, req, res }) => `${req?.path} ${res?.statusCode} ${msg}`)
}
const connections = () => new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)))
const counts = () => counted.map(({ route, status }) => `${route} ${status}`)

it('logs and counts an answered request once, also on a connection that stays open', async () => {
  const socket = await open()
  for (let n = 0; n < 2; n++) {
    socket.write(post('/at-once'))
    await responses(socket, 1)
  }
  socket.destroy()
  expect(await ends()).toEqual(Array(2).fill('/at-once 200 request completed'))
  expect(counts()).toEqual(Array(2).fill('/at-once 200'))
})

it.each([
  ['before its body', head('/held')],
  ['within its body', head('/held') + BODY.slice(0, 5)],
])('logs and counts a request aborted %s once', async (_when, bytes) => {
  const socket = await open()
  const arrived = once(app.server, 'request')
  socket.write(bytes)
  await arrived
  socket.destroy()
  expect(await ends()).toEqual(['/held 499 request aborted'])
  expect(counts()).toEqual(['/held 499'])
})

it.each(['destroy', 'end', 'resetAndDestroy'] as const)(
  'logs and counts a request aborted while it is answered once (%s)',
  async (how) => {
    const socket = await open()
    socket.resume() // otherwise its end is never noticed
    socket.write(post('/held'))
    await until(() => answers.length === 1)
    socket[how]()
    await until(() => counted.length === 1)
    answers[0]?.() // too late
    expect(await ends()).toEqual(['/held 499 request aborted'])
    expect(counted).toEqual([{ method: 'POST', route: '/held', status: 499, tookMs: expect.any(Number) }])
    expect(lines).toMatchObject([{ req: { method: 'POST', remoteAddress: '127.0.0.1' }, reqId: expect.any(String) }])
    expect(JSON.stringify(lines)).not.toContain('secret')
  },
)

it.each(['/large', '/endless'])('logs and counts a response once that is cut off (%s)', async (path) => {
  const socket = await open()
  socket.write(post(path))
  await responses(socket, 1)
  socket.destroy()
  expect(await ends()).toEqual([`${path} 499 request aborted`])
  expect(counts()).toEqual([`${path} 499`])
  expect(lines).toHaveLength(1)
})

it('logs and counts each pipelined request once, answered or not', async () => {
  const socket = await open()
  socket.write(post('/at-once') + post('/held') + post('/held') + post('/at-once'))
  await until(() => answers.length === 2)
  answers[1]?.() // its response waits for the earlier one
  await responses(socket, 1)
  socket.destroy()
  expect((await ends()).sort()).toEqual([
    '/at-once 200 request completed',
    '/at-once 499 request aborted',
    '/held 499 request aborted',
    '/held 499 request aborted',
  ])
  expect(counts().sort()).toEqual(['/at-once 200', '/at-once 499', '/held 499', '/held 499'])
})

it('logs and counts a request after answered ones on the same connection', async () => {
  const socket = await open()
  socket.write(post('/at-once'))
  await responses(socket, 1)
  socket.write(post('/held'))
  await until(() => answers.length === 1)
  socket.destroy()
  expect(await ends()).toEqual(['/at-once 200 request completed', '/held 499 request aborted'])
  expect(counts()).toEqual(['/at-once 200', '/held 499'])
})

it('logs and counts a request whose URL cannot be decoded', async () => {
  const socket = await open()
  socket.write(post('/%zz'))
  await responses(socket, 1)
  socket.destroy()
  expect(await ends()).toEqual(['/%zz 400 request completed'])
  expect(counts()).toEqual(['undefined 400'])
})
