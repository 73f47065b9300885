import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../../errors.ts'
import { StrictClient } from '../connections/strict-client.ts'
import { clusterDirectory } from './cluster-directory.ts'
import { prepareDataDir } from './data-dir.ts'
import { DataDirInUseError, lockDataDir } from './data-dir-lock.ts'
import { importEmbeddedPackage } from './embedded-package.ts'
import { readPostmaster, requestShutdown, stopOrphan, waitForShutdown } from './postmaster.ts'
import { whenSpawning } from './when-spawning.ts'

const DATABASE = 'silent_refresh'
const HOST = '127.0.0.1'
const STOP_TIMEOUT_MS = 10_000
/** The pauses before Postgres is started again grow up to this length. Milliseconds. */
const MIN_RESTART_PAUSE_MS = 250
const MAX_RESTART_PAUSE_MS = 30_000
/** After running for this long, the next pause is short again. Milliseconds. */
const STABLE_MS = 60_000
/** How much of Postgres' latest output is kept, for the error when it does not start. Characters. */
const MAX_OUTPUT = 2_000

// The same on every system, and correct for lower('ÉLAN').
const initdbFlags = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']

export interface EmbeddedPostgresOptions {
  /** Where the cluster and its password are stored. */
  readonly dataDir: string
  /** Settings as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
  /** @default a free port */
  readonly port?: number
  /** Called when initdb or Postgres has been launched, perhaps for both: now there is time for other work. */
  readonly onLaunch?: () => void
  /** With these listeners, a Postgres that ends without being stopped here is started again, as often as necessary. */
  readonly restart?: RestartListeners
}

export interface RestartListeners {
  /** Called when Postgres has ended, with the last lines that it logged about itself. */
  readonly onUnexpectedEnd: (output: string) => void
  /** Called when it could not be started again, with the pause before the next attempt. */
  readonly onFailed: (error: unknown, pauseMs: number) => void
  /** Called when it accepts connections again, at the same URL. */
  readonly onRestarted: () => void
}

export interface EmbeddedPostgres {
  /** Contains the password, so it must never be logged. */
  readonly url: string
  /** Shuts the cluster down and releases the data directory. */
  stop(): Promise<void>
}

/**
 * Starts a real Postgres from npm, for development and trials. It can be reached from this machine only. The data stays in
 * the data directory and survives a `kill -9` of the server.
 * @throws Error when another server uses the data directory, or Postgres' user can use no directory.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { settings = {}, onLaunch, restart } = options
  const dataDir = resolve(options.dataDir)
  await prepareDataDir(dataDir)
  const unlock = await lockDataDir(dataDir)
  try {
    const databaseDir = await databaseDirectory(dataDir)
    const password = await readPassword(dataDir)
    const EmbeddedPostgres = await importEmbeddedPackage()
    let output = ''
    const keepOutput = (text: unknown): void => {
      output = `${output}${text}`.slice(-MAX_OUTPUT)
    }
    const create = (directory: string, port?: number) =>
      new EmbeddedPostgres({
        databaseDir: directory,
        user: 'postgres',
        password,
        ...(port !== undefined && { port }),
        authMethod: 'scram-sha-256',
        persistent: true,
        createPostgresUser: process.getuid?.() === 0, // Postgres refuses to run as root
        initdbFlags,
        postgresFlags: Object.entries({ listen_addresses: HOST, unix_socket_directories: '', ...settings }).flatMap(
          ([name, value]) => ['-c', `${name}=${value}`],
        ),
        onLog: keepOutput,
        onError: keepOutput,
      })

    if (!existsSync(databaseDir)) {
      // Created under another name and then renamed, so that an initdb that was killed leaves nothing like a cluster behind.
      const fresh = `${databaseDir}.new`
      await rm(fresh, { recursive: true, force: true })
      await whenSpawning({ onSpawn: onLaunch }, () => create(fresh).initialise())
      await rename(fresh, databaseDir)
    }
    // Not before: initdb takes seconds, in which another program may take it.
    const port = options.port ?? (await freePort())
    const stopping = new AbortController()
    let startedMs = 0
    let pauseMs = MIN_RESTART_PAUSE_MS
    let restarting: Promise<void> | undefined

    const launch = async () => {
      await stopOrphan(databaseDir, STOP_TIMEOUT_MS)
      output = ''
      const postgres = create(databaseDir, port)
      await whenSpawning({ inOwnProcessGroup: true, onSpawn: onLaunch }, () => postgres.start()).catch(
        (cause: unknown) => {
          throw new StartError(`Postgres did not start in ${databaseDir}. Its output:\n${output.trim()}`, { cause })
        },
      )
      startedMs = performance.now()
      // biome-ignore lint/complexity/useLiteralKeys: it is private, but nothing else tells that it has ended
      postgres['process']?.once('close', () => {
        if (restart === undefined || stopping.signal.aborted) return
        restart.onUnexpectedEnd(aboutItself(output))
        if (performance.now() - startedMs > STABLE_MS) pauseMs = MIN_RESTART_PAUSE_MS
        restarting = launchAgain(restart)
      })
      return postgres
    }

    /** Tries until it succeeds: what is wrong may be a full disk, or processes of the old Postgres that have not ended yet. */
    const launchAgain = async ({ onFailed, onRestarted }: RestartListeners) => {
      for (;;) {
        await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {})
        if (stopping.signal.aborted) return
        pauseMs = Math.min(pauseMs * 2, MAX_RESTART_PAUSE_MS)
        try {
          postgres = await launch()
          return onRestarted()
        } catch (error) {
          onFailed(error, pauseMs)
        }
      }
    }

    let postgres = await launch()
    let stopped: Promise<void> | undefined
    /** For a process that crashes: it can request the shutdown but no longer wait for it. */
    const onExit = () => requestShutdown(databaseDir)
    const stop = async () => {
      stopping.abort()
      await restarting
      // It may have stopped already, for example because it was killed. The package would then wait forever.
      const shutdown = waitForShutdown(databaseDir, STOP_TIMEOUT_MS)
      await Promise.race([postgres.stop(), shutdown])
      await shutdown
      process.removeListener('exit', onExit)
      await unlock()
    }
    process.on('exit', onExit)
    try {
      await ensureDatabase(urlOf({ password, port, database: 'postgres' }))
    } catch (error) {
      await stop()
      throw error
    }
    return {
      url: urlOf({ password, port }),
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

/** Without the lines about statements, which contain values of rows and parameters. @see PROTOCOL.md S24 */
const aboutItself = (output: string): string =>
  output
    .split('\n')
    .filter((line) => /\] (LOG|FATAL|PANIC): /.test(line))
    .join('\n')

/**
 * Connects to the Postgres of a data directory: the one that a running server uses, or else one that is started here and
 * runs until `stop`.
 * @throws Error when the data directory contains no database yet, or its Postgres is starting or stopping.
 */
export async function joinEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  if (!existsSync(passwordFile(dataDir))) {
    throw new StartError(`There is no database in ${dataDir} yet. Start the server once, or set DATABASE_URL.`)
  }
  try {
    return await startEmbeddedPostgres({ dataDir })
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error
    const port = readPostmaster(await databaseDirectory(dataDir))?.port ?? null
    if (port === null)
      throw new StartError(`The Postgres in ${dataDir} is starting or stopping. Try again in a moment.`)
    return { url: urlOf({ password: await readPassword(dataDir), port }), stop: async () => {} }
  }
}

const databaseDirectory = async (dataDir: string) => join(await clusterDirectory(dataDir), 'postgres')

function urlOf({ password, port, database = DATABASE }: { password: string; port: number; database?: string }) {
  return `postgres://postgres:${password}@${HOST}:${port}/${database}`
}

const passwordFile = (dataDir: string) => join(dataDir, 'postgres-password')

/** Creates the password on first use. */
async function readPassword(dataDir: string): Promise<string> {
  const file = passwordFile(dataDir)
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
  if (address === null || typeof address === 'string') throw new Error('No free port was found.')
  return address.port
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new StrictClient({ connectionString: adminUrl })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}
