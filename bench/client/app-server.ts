import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { atTheEnd } from '../processes/clean-up.ts'

const ROOT = join(import.meta.dirname, '../..')
const FIRST_PORT = 8_500
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 20_000

/** The built server with the built app, on a database of its own. */
export interface AppServer {
  readonly origin: string
  /** Creates a user. @returns the cookies of their browser */
  signUp(): Promise<{ name: string; value: string; url: string }[]>
  stop(): Promise<void>
}

/** @param root the folder of the project @throws Error with what it printed when it does not start within two minutes */
export async function startAppServer(root = ROOT): Promise<AppServer> {
  const data = mkdtempSync(join(tmpdir(), 'silent-refresh-bench-'))
  chmodSync(data, 0o755) // When this runs as root, Postgres runs as another user and must be able to enter.
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const server = spawn(process.execPath, ['server/dist/main.js'], {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: String(port), DATA_DIR: data, PASSWORD_COST: '4', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  server.stderr.on('data', (chunk) => {
    output = `${output}${chunk}`.slice(-2_000)
  })
  const exited = once(server, 'close')
  const stop = atTheEnd(async () => {
    server.kill('SIGTERM')
    await Promise.race([exited, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })])
    if (server.exitCode === null) server.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
  })
  for (const since = performance.now(); ; await sleep(50)) {
    const isReady = await fetch(`${origin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) break
    if (server.exitCode === null && performance.now() - since < START_TIMEOUT_MS) continue
    await stop()
    throw new Error(`The server does not start: ${output.trim()}`)
  }
  return { origin, stop, signUp: () => signUp(origin) }
}

async function signUp(origin: string) {
  const id = randomUUID().slice(0, 8)
  const input = { username: `Ada ${id}`, email: `ada-${id}@example.com`, password: id, tokenTransport: 'COOKIE' }
  const query = 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }'
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  })
  const { errors } = (await response.json()) as { errors?: unknown }
  if (errors) throw new Error(`Cannot sign up: ${JSON.stringify(errors)}`)
  return response.headers.getSetCookie().map((cookie) => {
    const [pair = ''] = cookie.split(';')
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
    return { name, value, url: origin }
  })
}

/** The first port from 8500 that nobody uses. */
async function freePort(): Promise<number> {
  for (let port = FIRST_PORT; port < FIRST_PORT + 100; port++) {
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, 'localhost', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => probe.close(resolve))
    return port
  }
  throw new Error(`No port from ${FIRST_PORT} to ${FIRST_PORT + 99} is free.`)
}
