import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test as base, expect } from '@playwright/test'

// The server of examples/vue-ssr between raw connections and an API that fails as told. ssr.spec.ts tests its pages.

const SERVER = join(import.meta.dirname, '../../examples/vue-ssr/server.js')

/** An API that shows what reaches it. */
interface Api {
  url: string
  received: IncomingHttpHeaders[]
  answer: RequestListener
  /** Takes over a WebSocket. */
  upgraded: (socket: Duplex) => void
}

const test = base.extend<{ folder: string; api: Api; port: number; visitor: Socket }>({
  // The server as built, with a page that needs no session.
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern.
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'silent-refresh-ssr-'))
    for (const side of ['client', 'server']) mkdirSync(join(folder, 'dist', side), { recursive: true })
    cpSync(SERVER, join(folder, 'server.js'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'dist/client/index.html'), '<main><!--app--></main>')
    const entry = 'export const visitorSession = async () => {}\nexport const render = async () => "Hello"\n'
    writeFileSync(join(folder, 'dist/server/entry-server.js'), entry)
    await use(folder)
    rmSync(folder, { recursive: true })
  },
  // biome-ignore lint/correctness/noEmptyPattern: see above.
  api: async ({}, use) => {
    const api: Api = { url: '', received: [], answer: (_request, response) => response.end('{}'), upgraded: () => {} }
    const server = createServer((request, response) => {
      api.received.push(request.headers)
      api.answer(request, response)
    })
    const sockets: Duplex[] = []
    server.on('upgrade', (request, socket) => {
      api.received.push(request.headers)
      sockets.push(socket)
      socket.on('error', () => {})
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
      api.upgraded(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
    await use(api)
    server.closeAllConnections()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  },
  port: async ({ folder, api }, use) => {
    const env = { ...process.env, NODE_ENV: 'production', PORT: '0', API_URL: api.url }
    const server = spawn(process.execPath, [join(folder, 'server.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const [origin] = await once(createInterface(server.stdout), 'line')
    await use(Number(new URL(origin).port))
    server.kill()
    if (server.exitCode === null) await once(server, 'exit')
  },
  visitor: async ({ port }, use) => {
    const visitor = connect(port, '127.0.0.1')
    visitor.on('error', () => {})
    await use(visitor)
    visitor.destroy()
  },
})

const UPGRADE = 'HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n'

test('examples/vue-ssr goes on after a request that is not a URL', async ({ port, visitor }) => {
  visitor.write('GET // HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  expect(await text(visitor)).toMatch(/^HTTP\/1\.1 404 /)
  expect(await (await fetch(`http://127.0.0.1:${port}/?visit`)).text()).toBe('<main>Hello</main>')
})

test('examples/vue-ssr tells the API the address that it sees, after those that a visitor claims', async ({
  api,
  port,
  visitor,
}) => {
  await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', body: '{}' })
  await fetch(`http://127.0.0.1:${port}/graphql`, { headers: { 'x-forwarded-for': '192.0.2.1' } })
  visitor.write(`GET /graphql ${UPGRADE}x-forwarded-for: 192.0.2.1\r\n\r\n`)
  await once(visitor, 'data')
  const addresses = api.received.map((headers) => headers['x-forwarded-for'])
  expect(addresses).toEqual(['127.0.0.1', '192.0.2.1, 127.0.0.1', '192.0.2.1, 127.0.0.1'])
})

test('examples/vue-ssr closes an upgrade for another path', async ({ visitor }) => {
  visitor.write(`GET /elsewhere ${UPGRADE}\r\n`)
  expect(await text(visitor)).toBe('')
})

for (const [how, close] of [
  ['ends its connection', (visitor: Socket) => visitor.end()],
  ['loses its connection', (visitor: Socket) => visitor.resetAndDestroy()],
] as const) {
  test(`examples/vue-ssr closes the API’s socket when the browser ${how}`, async ({ api, visitor }) => {
    const opened = new Promise<Duplex>((resolve) => {
      api.upgraded = resolve
    })
    visitor.write(`GET /graphql ${UPGRADE}\r\n`)
    await once(visitor, 'data')
    const socket = await opened
    const closed = once(socket, 'close')
    socket.on('end', () => socket.end()).resume()
    close(visitor)
    await closed
  })
}

test('examples/vue-ssr delivers the last bytes of the API’s socket, then closes the browser’s', async ({
  api,
  visitor,
}) => {
  const last = 'x'.repeat(1_000_000)
  api.upgraded = (socket) => socket.end(last)
  visitor.write(`GET /graphql ${UPGRADE}\r\n`)
  expect((await text(visitor)).endsWith(`\r\n\r\n${last}`)).toBe(true)
})

test('examples/vue-ssr lets a request fail when the API hangs up in the middle of its answer', async ({
  api,
  port,
}) => {
  api.answer = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  }
  const response = await fetch(`http://127.0.0.1:${port}/graphql`)
  await expect(response.text()).rejects.toThrow()
})

test('examples/vue-ssr refuses to start with an API_URL that it cannot forward to', async ({ folder }) => {
  const env = { ...process.env, NODE_ENV: 'production', PORT: '0', API_URL: 'https://api.example/graphql' }
  const server = spawn(process.execPath, [join(folder, 'server.js')], {
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
    timeout: 30_000,
  })
  const exited = once(server, 'exit')
  expect(await text(server.stderr)).toContain('API_URL must be http://…/graphql')
  expect((await exited)[0]).toBe(1)
})
