import { once } from 'node:events'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createTestDatabase, type TestDatabase } from './support/database.ts'
import { newDataDir } from './support/processes/data-dir.ts'
import { endAllServerProcesses, startServerProcess } from './support/processes/server-process.ts'

const secret = (kind: string) => `k1:${kind}-5Jw2kq8Zt1Yx7Rb4Nc9Vm3Lp6Hd0Fs`
const secrets = { ACCESS_TOKEN_SECRETS: secret('access'), REFRESH_TOKEN_SECRETS: secret('refresh') }
const production = { ...secrets, NODE_ENV: 'production', PASSWORD_COST: '10' }

let database: TestDatabase
let folder: string
let taken: ReturnType<typeof createServer>
let takenPort: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await newDataDir('start-that-fails')
  taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  takenPort = String((taken.address() as AddressInfo).port)
})
afterAll(async () => {
  endAllServerProcesses()
  taken.close()
  await rm(folder, { recursive: true, force: true })
  await database.drop()
})

/** What a server that cannot start prints on standard output, where its log is. */
async function failure(env: Record<string, string>, asUser?: number): Promise<string> {
  const server = startServerProcess({ LOG_LEVEL: 'silent', ...env }, asUser === undefined ? {} : { uid: asUser })
  let output = ''
  server.stdout.on('data', (chunk) => {
    output += chunk
  })
  expect(await server.exited).toBe(1)
  expect(server.output()).not.toMatch(/ {4}at /)
  return output
}

/** The only line, as an object. */
async function loggedFailure(env: Record<string, string>): Promise<{ level: number; msg: string }> {
  const lines = (await failure(env)).trim().split('\n')
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0] ?? '')
}

describe('a start that fails logs one line that names the setting, and exits with 1', () => {
  it('when the data directory is a file, or below one', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const DATA_DIR of [file, join(file, 'below')]) {
      const { level, msg } = await loggedFailure({ DATA_DIR })
      expect({ level, msg }).toEqual({
        level: 60,
        msg: expect.stringMatching(/^the server could not start: .*there is a file in its place .*Set DATA_DIR to/),
      })
    }
  })

  const onLinux = process.platform === 'linux' ? it : it.skip
  onLinux('when no folder can be created there, as below /proc', async () => {
    const { msg } = await loggedFailure({ DATA_DIR: '/proc/nope' })
    expect(msg).toContain('The data directory /proc/nope cannot be used: no folder can be created there (ENOENT)')
  })

  const asUser = process.getuid?.() === 0 ? it.skip : it
  asUser('when the data directory cannot be written (skipped as root, who can write everywhere)', async () => {
    const closed = join(folder, 'closed')
    await mkdir(closed)
    await chmod(closed, 0o500)
    for (const DATA_DIR of [closed, join(closed, 'below')]) {
      const { msg } = await loggedFailure({ DATA_DIR })
      expect(msg).toMatch(/this user may not write there \(EACCES\)\. Set DATA_DIR to/)
    }
  })

  it('when the database is down', async () => {
    const DATABASE_URL = `postgres://nobody:unprintable@127.0.0.1:1/none`
    const { msg } = await loggedFailure({ ...production, DATABASE_URL, LOG_FORMAT: 'json' })
    expect(msg).toMatch(
      /^the server could not start: The database is not available: .*ECONNREFUSED.*Check the database and DATABASE_URL\.$/,
    )
    expect(msg).not.toContain('unprintable')
    const readable = await failure({ ...production, DATABASE_URL, LOG_FORMAT: 'pretty' })
    expect(readable).toMatch(/^\S* ?FATAL: the server could not start: The database is not available: .*\n$/m)
  })

  it('but starts when only LISTEN fails, and says that it is not ready, and why', async () => {
    const DATABASE_LISTEN_URL = 'postgres://nobody:unprintable@127.0.0.1:1/none'
    const server = startServerProcess({ ...secrets, DATABASE_URL: database.url, DATABASE_LISTEN_URL })
    const url = await server.ready
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    expect(server.output()).toMatch(
      /running at http:\S+ .*, but not ready, and \/readyz returns 503: LISTEN does not work: .*ECONNREFUSED/,
    )
    expect(server.output()).not.toContain('is ready')
    expect(server.output()).not.toContain('unprintable')
    expect(await server.end('SIGTERM')).toBe(0)
  })

  it.each(['not a host', '192.0.2.1'])('when HOST is %j', async (HOST) => {
    const { msg } = await loggedFailure({ ...secrets, DATABASE_URL: database.url, HOST })
    expect(msg).toContain(`HOST is ${JSON.stringify(HOST)}, but must be an address of this machine`)
  })

  it.each(['PORT', 'METRICS_PORT'])('when %s is taken', async (name) => {
    const { msg } = await loggedFailure({ ...secrets, DATABASE_URL: database.url, [name]: takenPort })
    expect(msg).toMatch(new RegExp(`EADDRINUSE: .*:${takenPort}\\. Stop that program, or set another ${name}\\.$`))
  })
})
