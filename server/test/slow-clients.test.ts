import { type AddressInfo, connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { expect, it } from '@jest/globals'
import { loadConfig } from '../src/config.ts'
import { type ConnectionLimits, defaultConnectionLimits } from '../src/http/connections/connection-limits.ts'
import { createFastify } from '../src/http/create-fastify.ts'
import { defaultSocketLimits } from '../src/http/sockets/socket-server.ts'
import { somebody } from './support/people.ts'
import { startTestServer } from './support/test-server.ts'
import { openSocket } from './support/test-socket.ts'
import { until } from './support/until.ts'

const connectionLimits: ConnectionLimits = {
  headersTimeoutMs: 2_000,
  requestTimeoutMs: 3_000,
  checkIntervalMs: 100,
  inactivityTimeoutMs: 4_000,
  exchangeTimeoutMs: 5_000,
}
const socketLimits = { ...defaultSocketLimits, initTimeoutMs: 2_000, keepAliveMs: 1_500 }

const head = (line: string, ...headers: string[]) => [line, 'Host: localhost', ...headers, '', ''].join('\r\n')
const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
const handshake = [
  ...upgrade,
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
]
const json = 'Content-Type: application/json'
/** The start of a text frame of 100 bytes. */
const frame = '\x81\xe4mask'

/** What each kind sends at once, and then over and over again. */
const kinds: Record<string, [first: string, then: string]> = {
  nothing: ['', ''],
  'empty lines': ['\r\n', '\r\n'],
  headers: ['POST /graphql HTTP/1.1\r\nHost: local', 'x'],
  'a body': [head('POST /graphql HTTP/1.1', json, 'Content-Length: 50000'), ' '],
  'a chunked body': [head('POST /graphql HTTP/1.1', json, 'Transfer-Encoding: chunked'), '1\r\n \r\n'],
  'a body after an offer of HTTP/2': [
    head('POST /graphql HTTP/1.1', json, 'Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 50000'),
    ' ',
  ],
  'the headers of a second request': [`${head('GET /healthz HTTP/1.1')}GET /healthz HTTP/1.1\r\nHost: local`, 'x'],
  'a socket handshake': [head('GET /graphql HTTP/1.1', ...upgrade).slice(0, -4), 'x'],
  'a frame to authenticate': [head('GET /graphql HTTP/1.1', ...handshake) + frame, 'x'],
}

it('S19: cuts 60 clients that send a byte at a time, and answers others meanwhile', async () => {
  const server = await startTestServer({}, { connectionLimits, socketLimits })
  const { port } = new URL(server.url)
  const http = server.app.fastify.server
  const connections = promisify(http.getConnections.bind(http))
  const { accessToken } = await server.client().register(somebody())
  // After it has authenticated: a frame leaves no room for an answer to a ping.
  const socket = await openSocket(server.url, accessToken)
  const raw = (socket.socket as unknown as { _socket: Socket })._socket

  const open = new Set<string>()
  const drips = Array.from({ length: 7 }, (_, number) =>
    Object.entries(kinds).map(([kind, [first, then]]) => drip(`${kind} ${number}`, first, then)),
  ).flat()
  function drip(name: string, first: string, then: string) {
    const client = connect(Number(port), '127.0.0.1')
    open.add(name)
    client.on('error', () => {}).on('close', () => open.delete(name))
    client.resume().write(first, 'latin1')
    return setInterval(() => client.writable && client.write(then, 'latin1'), 100)
  }
  raw.write(frame, 'latin1')
  drips.push(setInterval(() => raw.writable && raw.write('x'), 100))
  expect(open.size).toBeGreaterThanOrEqual(60)

  const statuses: number[] = []
  await until(async () => {
    const { status } = await fetch(`${server.url}/healthz`, { headers: { connection: 'close' } })
    statuses.push(status)
    return open.size === 0
  })
  expect((await socket.closed).code).toBe(1006)
  await until(async () => (await connections()) === 0)
  drips.forEach(clearInterval)
  expect(new Set(statuses)).toEqual(new Set([200]))
  await server.stop()
}, 25_000) // less than the half minute after which Node would check by itself

it.each([
  ['nothing', 'inactivityTimeoutMs', () => {}],
  ['a little at a time', 'exchangeTimeoutMs', (client: Socket) => client.read(1)],
] as const)(
  'S19: cuts a client that reads %s of its response',
  async (_name, limit, read) => {
    const limits = { ...defaultConnectionLimits, [limit]: 1_000 }
    const app = createFastify(loadConfig({ LOG_LEVEL: 'silent' }), { connectionLimits: limits })
    app.get('/large', () => Buffer.alloc(64 * 1024 * 1024))
    await app.listen({ host: '127.0.0.1', port: 0 })
    const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => {}).pause()
    client.write(head('GET /large HTTP/1.1'))
    const reading = setInterval(() => read(client), 100)
    const connections = promisify(app.server.getConnections.bind(app.server))
    await until(async () => (await connections()) === 1)
    await until(async () => (await connections()) === 0)
    clearInterval(reading)
    client.destroy()
    await app.close()
  },
  60_000,
)

it('stops without waiting for idle connections that are kept open', async () => {
  const server = await startTestServer()
  expect(server.app.fastify.server.keepAliveTimeout).toBe(650_000)
  const client = connect(Number(new URL(server.url).port), '127.0.0.1')
  client.write(head('GET /healthz HTTP/1.1'))
  await new Promise((resolve) => client.once('data', resolve))
  const closed = new Promise((resolve) => client.once('close', resolve))
  await server.stop()
  await closed
})
