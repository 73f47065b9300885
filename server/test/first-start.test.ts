import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { createTestDatabase } from './support/database.ts'
import { newDataDir } from './support/processes/data-dir.ts'
import {
  endAllServerProcesses,
  postgresOf,
  type ServerProcess,
  startServerProcess,
} from './support/processes/server-process.ts'
import { createTestClient } from './support/test-client.ts'
import { until } from './support/until.ts'

const folders: string[] = []
afterAll(async () => {
  endAllServerProcesses()
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const secret = (kind: string) => `k1:${kind}-5Jw2kq8Zt1Yx7Rb4Nc9Vm3Lp6Hd0Fs`
const production = {
  NODE_ENV: 'production',
  PASSWORD_COST: '10',
  LOG_LEVEL: 'info',
  ACCESS_TOKEN_SECRETS: secret('access'),
  REFRESH_TOKEN_SECRETS: secret('refresh'),
}

/** On a slow machine, the revocation feed is not current yet. */
const READY = '(?:ready|running, but not ready, .*)'

/** The lines on standard output, as far as they have arrived. */
function standardOutputOf({ stdout }: ServerProcess): () => string[] {
  let text = ''
  stdout.on('data', (chunk) => {
    text += chunk
  })
  return () => text.split('\n').filter((line) => line !== '')
}

describe('with an embedded Postgres', () => {
  let dataDir: string

  it('prints the addresses and the demo passwords last, and nothing for requests that succeed', async () => {
    dataDir = await newDataDir('first-start')
    folders.push(dataDir)
    const server = startServerProcess({ DATA_DIR: dataDir, LOG_FORMAT: 'pretty', LOG_LEVEL: 'info' })
    const url = await server.ready
    await until(() => server.output().includes('reset-password'))
    const { port } = new URL(url)
    const [, demo = '', admin = ''] =
      new RegExp(
        `Server listening at http://127\\.0\\.0\\.1:${port}\\n\\n {2}Silent Refresh is ${READY}\\n\\n {4}App {9}http://localhost:${port}\\n {4}Playground {2}http://localhost:${port}/graphql\\n {4}Sign in as {2}demo@example\\.com with the password (\\w{16})\\n {16}admin@example\\.com with the password (\\w{16})\\n\\n {2}The passwords .* npm run admin -- reset-password demo@example\\.com\\n\\n`,
      ).exec(server.output()) ?? []
    const client = createTestClient(url)
    expect((await client.login({ email: 'demo@example.com', password: demo })).user.role).toBe('USER')
    expect((await client.login({ email: 'admin@example.com', password: admin })).user.role).toBe('ADMIN')
    expect((await fetch(`${url}/nowhere`)).status).toBe(404)
    // On a busy machine, some may take more than a second.
    expect(server.output()).not.toMatch(/answered \d+ in \d{1,3} ms/)

    // What is wrong is shown: here a Postgres that somebody else ends.
    process.kill(postgresOf(dataDir) ?? 0, 'SIGQUIT')
    await until(() => server.output().includes('the embedded Postgres stopped unexpectedly'))
    expect(server.output()).toMatch(/ERROR: the embedded Postgres stopped unexpectedly.*immediate shutdown request/)
    await until(() => server.output().includes('WARN: the embedded Postgres is running again'))
    expect(await server.end('SIGTERM')).toBe(0)
  })

  it('warns about the embedded Postgres in production, where standard output is only JSON', async () => {
    const server = startServerProcess({ ...production, DATA_DIR: dataDir, SHUTDOWN_GRACE: '4s' })
    const lines = standardOutputOf(server)
    await server.ready
    expect(await server.end('SIGTERM')).toBe(0)
    expect(lines().join()).toContain('stopping because of SIGTERM')
    const parsed = lines().map((line) => JSON.parse(line))
    expect(parsed).toContainEqual(
      expect.objectContaining({
        level: 40,
        msg: expect.stringMatching(/^DATABASE_URL is not set: using the embedded/),
      }),
    )
    expect(parsed).toContainEqual(
      expect.objectContaining({
        msg: expect.stringMatching(/^Silent Refresh is (ready|running) at \S+ \(API: \/graphql\)/),
      }),
    )
    expect(server.output()).not.toContain('example.com')
  })
})

it('prints the passwords of new demo users even when the start fails', async () => {
  const database = await createTestDatabase()
  const dataDir = await newDataDir('failed-start')
  folders.push(dataDir)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const env = { DATA_DIR: dataDir, DATABASE_URL: database.url, DEMO_USERS: 'true' }
  const failed = startServerProcess({ ...env, PORT: String(port) })
  expect(await failed.exited).toBe(1)
  other.close()
  expect(failed.output()).toContain(
    `EADDRINUSE: address already in use 127.0.0.1:${port}. Stop that program, or set another PORT`,
  )
  expect(failed.output()).not.toMatch(/ {4}at /)
  expect(failed.output().trim().split('\n').at(-1)).toContain('the server could not start') // after the passwords
  const passwordOf = (email: string) => new RegExp(`Created ${email} .* password (\\S+);`).exec(failed.output())?.[1]

  const server = startServerProcess(env)
  const client = createTestClient(await server.ready)
  for (const email of ['demo@example.com', 'admin@example.com']) {
    expect((await client.login({ email, password: passwordOf(email) })).user.email).toBe(email)
  }
  expect(await server.end('SIGTERM')).toBe(0)
  await database.drop()
})

it('prints nothing but JSON on standard output when a migration fails in production', async () => {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('CREATE TABLE users (nothing text)')
  await client.end()
  const server = startServerProcess({ ...production, DATABASE_URL: database.url })
  const lines = standardOutputOf(server)
  expect(await server.exited).toBe(1)
  expect(lines().map((line) => JSON.parse(line))).toMatchObject([
    { level: 60, msg: 'the server could not start', err: { message: 'relation "users" already exists' } },
  ])
  await database.drop()
})

describe('the file .env', () => {
  const root = join(import.meta.dirname, '../..')

  it('is read from the folder of the project by npm start and npm run admin', async () => {
    const scripts = async (file: string) => JSON.parse(await readFile(join(root, file), 'utf8')).scripts
    const [project, server] = await Promise.all([scripts('package.json'), scripts('server/package.json')])
    expect(server.start).toContain(' --import ./dist/start/preload-env-file.mjs dist/main.js')
    expect(project.admin).toContain(' --import ./server/dist/start/preload-env-file.mjs server/dist/admin.js')
    expect(project['start:server']).toContain('run -s start -w server')
    expect(project.start).toContain('run -s start:server')
    expect(await readFile(join(root, 'scripts/dev.mjs'), 'utf8')).toContain('/preload-env-file.mjs')
  })

  it('is found whatever the current folder is, and yields to the environment', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'silent-refresh-env-file-'))
    folders.push(copy)
    const start = join(copy, 'server/dist/start')
    await mkdir(start, { recursive: true })
    for (const name of ['env-file.mjs', 'preload-env-file.mjs']) {
      await cp(join(root, 'server/src/start', name), join(start, name))
    }
    const run = (env: Record<string, string>) =>
      promisify(execFile)(
        process.execPath,
        ['--import', join(start, 'preload-env-file.mjs'), '-p', 'process.env.PORT + " " + process.env.HOST'],
        { cwd: tmpdir(), env },
      )
    expect((await run({})).stdout).toBe('undefined undefined\n')
    await writeFile(join(copy, '.env'), 'PORT=1\nHOST=2\n')
    expect((await run({ PORT: '3' })).stdout).toBe('3 2\n')
    await writeFile(join(copy, '.env'), 'PORT 1\n')
    await expect(run({})).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `${join(copy, '.env')} is not valid: line 1 must have the form NAME=value.\n`,
    })
  })

  it('is read neither by git nor by docker build', async () => {
    for (const file of ['.gitignore', '.dockerignore']) {
      expect((await readFile(join(root, file), 'utf8')).split('\n')).toContain('.env')
    }
  })
})
