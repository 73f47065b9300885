import { once } from 'node:events'
import { statSync } from 'node:fs'
import { chown, readdir, rename, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { isRunning } from '../src/db/embedded/data-dir-lock.ts'
import { startEmbeddedPostgres } from '../src/db/embedded/embedded-postgres.ts'
import { createTestDatabase } from './support/database.ts'
import { runAdmin } from './support/processes/admin-process.ts'
import { newDataDir } from './support/processes/data-dir.ts'
import { endAllServerProcesses, postgresOf, startServerProcess } from './support/processes/server-process.ts'
import { createTestClient } from './support/test-client.ts'
import { until } from './support/until.ts'

const folders: string[] = []
async function newFolder(): Promise<string> {
  const folder = await newDataDir('process')
  folders.push(folder)
  return folder
}

afterAll(async () => {
  endAllServerProcesses()
  for (const folder of folders) {
    const pid = postgresOf(folder)
    if (pid !== undefined && isRunning(pid)) process.kill(pid, 'SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
})

const signIn = (url: string, email: string, password: string | undefined) =>
  createTestClient(url).login({ email, password })

const readiness = async (url: string) => (await fetch(`${url}/readyz`)).status
const passwordOf = (email: string, output: string) => new RegExp(`${email} .* password (\\S+);`).exec(output)?.[1]

const NOBODY = 65_534

/** Only root can switch to another user, who must then be able to read the project. */
function whyNotAsNobody(): string | undefined {
  if (process.getuid?.() !== 0) return 'the tests already run as one'
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o005) !== 0o005) return `other users cannot read ${folder}`
  }
  return undefined
}

describe('a server with an embedded Postgres', () => {
  let dataDir: string
  let demoPassword: string | undefined
  let server: ReturnType<typeof startServerProcess>

  it('starts with an empty folder, and prints the first users and their passwords', async () => {
    dataDir = await newFolder()
    server = startServerProcess({ DATA_DIR: dataDir })
    const url = await server.ready
    expect(await readiness(url)).toBe(200)
    demoPassword = passwordOf('demo@example.com', server.output())
    expect(await signIn(url, 'demo@example.com', demoPassword)).toMatchObject({ user: { role: 'USER' } })
    const adminPassword = passwordOf('admin@example.com', server.output())
    expect(await signIn(url, 'admin@example.com', adminPassword)).toMatchObject({ user: { role: 'ADMIN' } })
  })

  it('locks its data directory against a second server, which says why', async () => {
    const second = startServerProcess({ DATA_DIR: dataDir })
    expect(await second.exited).toBe(1)
    expect(second.output()).toContain(`${dataDir} is in use by process ${server.pid}`)
    expect(await readiness(await server.ready)).toBe(200)
  })

  it('shares its database with the command line while running', async () => {
    expect(await runAdmin(['make-admin', 'demo@example.com'], { DATA_DIR: dataDir })).toMatchObject({ code: 0 })
    const url = await server.ready
    expect(await signIn(url, 'demo@example.com', demoPassword)).toMatchObject({ user: { role: 'ADMIN' } })
  })

  it('restarts with its data after kill -9, and does not print the passwords again', async () => {
    const orphan = postgresOf(dataDir)
    expect(await server.end('SIGKILL')).toBeNull()
    expect(orphan !== undefined && isRunning(orphan)).toBe(true)

    server = startServerProcess({ DATA_DIR: dataDir })
    const url = await server.ready
    expect(await signIn(url, 'demo@example.com', demoPassword)).toMatchObject({ user: { role: 'ADMIN' } })
    expect(server.output()).not.toContain('Created')
    expect(server.output()).toContain('To set a new password: npm run admin -- reset-password demo@example.com')
    expect(postgresOf(dataDir)).not.toBe(orphan) // now its own child, which it can stop
  })

  it('shuts down cleanly on SIGTERM, together with its Postgres', async () => {
    const postgres = postgresOf(dataDir) ?? 0
    expect(isRunning(postgres)).toBe(true)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(isRunning(postgres)).toBe(false)
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  it('starts its Postgres again when somebody ends it, as often as necessary', async () => {
    server = startServerProcess({ DATA_DIR: dataDir })
    const url = await server.ready
    const { accessToken } = await signIn(url, 'demo@example.com', demoPassword)
    let endedCount = 0
    for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
      const ended = postgresOf(dataDir) ?? 0
      process.kill(ended, signal)
      endedCount += 1
      const isLogged = (text: string) => server.output().split(text).length > endedCount
      await until(() => isLogged('the embedded Postgres stopped unexpectedly: starting it again'))
      await until(() => isLogged('the embedded Postgres is running again'))
      await until(async () => (await readiness(url)) === 200)
      expect(postgresOf(dataDir)).not.toBe(ended)
      expect((await createTestClient(url).me(accessToken)).body.data?.me).toMatchObject({ email: 'demo@example.com' })
      await signIn(url, 'demo@example.com', demoPassword)
    }
    const last = postgresOf(dataDir) ?? 0
    expect(await server.end('SIGTERM')).toBe(0)
    expect(isRunning(last)).toBe(false)
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  it('keeps trying while its Postgres cannot be started again, and can be stopped meanwhile', async () => {
    server = startServerProcess({ DATA_DIR: dataDir })
    const url = await server.ready
    const [settings, aside] = ['postgresql.conf', 'postgresql.conf.aside'].map((name) =>
      join(dataDir, 'postgres', name),
    )
    await rename(settings ?? '', aside ?? '')
    process.kill(postgresOf(dataDir) ?? 0, 'SIGQUIT')
    await until(() => /the embedded Postgres could not be started again: next attempt in 1 s/.test(server.output()))
    expect(await readiness(url)).toBe(503)
    await rename(aside ?? '', settings ?? '')
    await until(async () => (await readiness(url)) === 200)

    await rename(settings ?? '', aside ?? '')
    process.kill(postgresOf(dataDir) ?? 0, 'SIGQUIT')
    await until(() => /next attempt in [48] s/.test(server.output()))
    expect(await server.end('SIGTERM')).toBe(0)
    await rename(aside ?? '', settings ?? '')
    expect(await readdir(dataDir)).not.toContain('owner.json')
  })

  it('lets the command line reset a password while the server is down', async () => {
    const reset = await runAdmin(['reset-password', 'demo@example.com', '--json'], {
      DATA_DIR: dataDir,
      PASSWORD_COST: '4',
    })
    demoPassword = JSON.parse(reset.stdout).password
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  it('lets the command line start and stop the database while the server is down', async () => {
    const set = await runAdmin(['set-role', 'demo@example.com', 'USER'], { DATA_DIR: dataDir })
    expect(set).toEqual({ code: 0, stdout: 'demo@example.com has the role USER.\n', stderr: '' })
    expect(postgresOf(dataDir)).toBeUndefined()
    expect(await readdir(dataDir)).not.toContain('owner.json')
  })

  it('reports what Postgres prints when it fails to start', async () => {
    const dataDir = await newFolder()
    const starting = startEmbeddedPostgres({ dataDir, settings: { max_connections: 'plenty' } })
    await expect(starting).rejects.toThrow('invalid value for parameter "max_connections": "plenty"')
  })

  it('leaves no Postgres running when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const late = startServerProcess({ DATA_DIR: dataDir, PORT: String(port) })
    expect(await late.exited).toBe(1)
    other.close()
    expect(late.output()).toContain('EADDRINUSE')
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  it('shuts down cleanly on Ctrl-C under load: its Postgres stops last', async () => {
    server = startServerProcess({ DATA_DIR: dataDir })
    const url = await server.ready
    const { accessToken, user } = await signIn(url, 'demo@example.com', demoPassword)
    expect(user.role).toBe('USER')
    const postgres = postgresOf(dataDir) ?? 0
    const started = server.output().length
    const answers: unknown[] = []
    let isLoaded = true
    const load = Array.from({ length: 8 }, async () => {
      while (isLoaded) {
        const answer = await createTestClient(url)
          .me(accessToken)
          .catch(() => null) // the port is closed
        if (answer === null) return
        answers.push(answer.body.errors?.[0])
      }
    })
    while (answers.length < 50) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await server.interrupt()).toBe(0)
    isLoaded = false
    await Promise.all(load)
    expect(isRunning(postgres)).toBe(false)
    expect(answers.filter(Boolean)).toEqual([])
    expect(server.output().slice(started)).toBe('')
  })

  const notAsNobody = whyNotAsNobody()
  const asNobody = notAsNobody === undefined ? it : it.skip
  asNobody(`starts as an unprivileged user${notAsNobody ? ` (skipped: ${notAsNobody})` : ''}`, async () => {
    const own = await newFolder()
    await chown(own, NOBODY, NOBODY)
    const ordinary = startServerProcess({ DATA_DIR: own }, { uid: NOBODY })
    expect(await readiness(await ordinary.ready)).toBe(200)
    expect(statSync(join(own, 'postgres')).uid).toBe(NOBODY)
    expect(await ordinary.end('SIGTERM')).toBe(0)
    expect(postgresOf(own)).toBeUndefined()
  })
})

describe('an invalid environment', () => {
  it('is reported in one message before anything starts', async () => {
    const dataDir = await newFolder()
    const server = startServerProcess({ DATA_DIR: dataDir, PORT: 'x', ACCESS_TOKEN_TTL: 'soon', LOG_LEVEL: 'loud' })
    expect(await server.exited).toBe(1)
    expect(server.output().match(/^ {2}- [A-Z_]+/gm)).toEqual(['  - PORT', '  - ACCESS_TOKEN_TTL', '  - LOG_LEVEL'])
    expect(await readdir(dataDir)).toEqual([])
  })

  it('prevents production from starting without secrets', async () => {
    const dataDir = await newFolder()
    const server = startServerProcess({ DATA_DIR: dataDir, NODE_ENV: 'production' })
    expect(await server.exited).toBe(1)
    expect(server.output()).toContain('ACCESS_TOKEN_SECRETS must be set in production')
    expect(server.output()).toContain('REFRESH_TOKEN_SECRETS must be set in production')
    expect(await readdir(dataDir)).toEqual([])
  })
})

it('S23: two instances start at the same time on one empty database and accept each other’s tokens', async () => {
  const database = await createTestDatabase()
  const dataDir = await newFolder() // for the secrets only
  const env = { DATA_DIR: dataDir, DATABASE_URL: database.url, DEMO_USERS: 'true' }
  const instances = [1, 2].map(() => startServerProcess(env))
  const [first = '', second = ''] = await Promise.all(instances.map(({ ready }) => ready))

  const output = instances.map((instance) => instance.output()).join('')
  expect(output.match(/Created demo@example\.com/g)).toHaveLength(1)
  const { accessToken } = await signIn(first, 'demo@example.com', passwordOf('demo@example.com', output))
  const { body } = await createTestClient(second).me(accessToken)
  expect(body.data?.me).toMatchObject({ email: 'demo@example.com' })

  expect(await Promise.all(instances.map((instance) => instance.end('SIGTERM')))).toEqual([0, 0])
  expect(await readdir(dataDir)).toEqual(['secrets.json'])
  await database.drop()
})
