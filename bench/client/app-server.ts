import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atTheEnd } from '../processes/clean-up.ts'
import { freePort, startPinnedProcess } from '../processes/pinned-process.ts'

/** The built server with the built app, on a database of its own. */
export interface AppServer {
  readonly origin: string
  /** Creates a user. @returns the cookies of their browser */
  signUp(): Promise<{ name: string; value: string; url: string }[]>
  stop(): Promise<void>
}

/** @throws Error with what it printed when it does not start */
export async function startAppServer(): Promise<AppServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'silent-refresh-bench-'))
  const removed = atTheEnd(() => rm(dataDir, { recursive: true, force: true }))
  await chmod(dataDir, 0o755) // Postgres has its own user when the benchmark runs as root
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const server = startPinnedProcess(['dist/main.js'], {
    core: undefined,
    cwd: join(import.meta.dirname, '../../server'),
    env: { PORT: String(port), DATA_DIR: dataDir, PASSWORD_COST: '4', LOG_LEVEL: 'warn' },
  })
  await server.answers(`${origin}/readyz`)
  return {
    origin,
    signUp: () => signUp(origin),
    async stop() {
      await server.stop()
      await removed()
    },
  }
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
