import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from './app.ts'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { tryAll } from './core/try-all.ts'
import { prepareDataDir } from './db/embedded/data-dir.ts'
import type { EmbeddedPostgresOptions } from './db/embedded/embedded-postgres.ts'
import type { DemoUser } from './demo-users.ts'
import { developmentSecrets } from './development-secrets.ts'
import { StartError } from './errors.ts'
import { listen } from './http/listen.ts'
import { describeError } from './http/logs/describe-error.ts'
import { isLogPretty } from './start/log-format.ts'
import { createdLine, localUrl, readyBlock, readyLine, readyLines } from './start/ready-message.ts'
import { onOutputClosed, print, standardOutput } from './start/standard-output.ts'
import { embeddedInProduction, laxSettings, unencryptedDatabases } from './start/start-warnings.ts'

/** The folder of the project. Paths are relative to it, not to the folder in which the process was started. */
const root = resolve(import.meta.dirname, '../..')

/** npm forwards Ctrl-C, so one press can arrive several times. Signals within this time count as one. */
const ONE_PRESS_MS = 1_000

const isPretty = (config: Config) => isLogPretty(config, process.stdout.isTTY)

/** Tells the operator something, at any log level. In production, standard output contains nothing but JSON. */
function announce(config: Config, text: string): void {
  const isJson = config.production && !isPretty(config)
  print(isJson ? JSON.stringify({ level: 30, time: Date.now(), pid: process.pid, msg: text }) : text)
}

/** Demo users whose passwords nobody has seen yet. They are printed even when the start fails or is interrupted. */
const unannounced: DemoUser[] = []
function printPasswords(): void {
  for (const user of unannounced.splice(0)) if (user.password !== null) print(createdLine(user))
}
process.on('exit', printPasswords)

/** Admins last. */
const byRole = (a: DemoUser, b: DemoUser) => Number(a.role === 'ADMIN') - Number(b.role === 'ADMIN')

/** The last lines of the start: where it is, and how to sign in. */
function announceReady(config: Config, port: number, whyNotReady: string | null): void {
  // `npm run dev` gives the address of Vite, which is the one for browsers.
  const url =
    process.argv.find((argument) => argument.startsWith('--url='))?.slice('--url='.length) ??
    localUrl(config.host, port)
  const users = unannounced.splice(0).sort(byRole)
  const ready = { url, hasPlayground: config.playground, demoUsers: users, whyNotReady }
  if (isPretty(config)) print(readyBlock(ready))
  else if (config.production) announce(config, readyLine(ready))
  else readyLines(ready).forEach(print)
}

/** Stops what was started, in reverse order, even when a later step of the start failed. */
const stops: (() => Promise<unknown>)[] = []
const stopAll = (): Promise<void> =>
  tryAll(stops.splice(0).reverse()).catch((error) => fail(error, 'the server did not stop properly'))

/** Undefined while the environment has not been read, or is invalid. */
let knownConfig: Config | undefined

/** Reports the error in the format of the log, at any log level, and makes the exit code 1. */
async function fail(error: unknown, what: string): Promise<void> {
  process.exitCode = 1
  printPasswords() // before the error, which is then the last line
  if (knownConfig === undefined) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`)
    return
  }
  const line = { level: 60, time: Date.now(), pid: process.pid }
  const text = JSON.stringify(
    error instanceof StartError
      ? { ...line, msg: `${what}: ${error.message}` }
      : { ...line, err: describeError(error), msg: what },
  )
  if (isPretty(knownConfig)) (await prettyOutput()).write(text)
  else print(text)
}

/**
 * Loads everything that the embedded Postgres does not need. This is most of the work of a start, so it happens while Postgres
 * starts in a process of its own.
 */
async function importServer() {
  const [{ buildApp }, { createDataSource }, { databaseTrouble }, { migrate }, { createDemoUsers }] = await Promise.all(
    [
      import('./app.ts'),
      import('./db/data-source.ts'),
      import('./db/database-trouble.ts'),
      import('./db/migrate.ts'),
      import('./demo-users.ts'),
    ],
  )
  return { buildApp, createDataSource, databaseTrouble, migrate, createDemoUsers }
}

let server: ReturnType<typeof importServer> | undefined
function loadServer(): ReturnType<typeof importServer> {
  server ??= importServer()
  server.catch(() => {}) // reported when it is awaited, once Postgres can be stopped
  return server
}

async function start(config: Config): Promise<App> {
  const dataDir = resolve(root, config.dataDir)
  const needsSecrets = !(config.accessTokenSecrets && config.refreshTokenSecrets)
  if (needsSecrets) await prepareDataDir(dataDir)
  const secrets = needsSecrets ? await developmentSecrets(dataDir) : undefined

  let app: App | undefined
  const url =
    config.databaseUrl ??
    (await startEmbedded(dataDir, {
      onLaunch: loadServer,
      restart: {
        onUnexpectedEnd(output) {
          app?.fastify.log.error({ output }, 'the embedded Postgres stopped unexpectedly: starting it again')
        },
        onFailed(error, pauseMs) {
          const next = `next attempt in ${pauseMs / 1000} s`
          app?.fastify.log.error({ err: error }, `the embedded Postgres could not be started again: ${next}`)
        },
        onRestarted() {
          app?.fastify.log.warn('the embedded Postgres is running again')
        },
      },
    }))
  const { buildApp, createDataSource, databaseTrouble, migrate, createDemoUsers } = await loadServer()
  const { databasePoolSize: poolSize, preparedStatements } = config
  const dataSource = createDataSource({ url, poolSize, preparedStatements })
  const typeDefs = await readFile(join(root, 'schema.graphql'), 'utf8')
  const logOptions = isPretty(config) ? { logStream: await prettyOutput(), loggedRequests: 'notable' as const } : {}
  try {
    await dataSource.initialize()
    stops.push(() => dataSource.destroy())
    await migrate(url, (line) => announce(config, line))
    app = await buildApp({
      config,
      dataSource,
      listenUrl: config.databaseListenUrl ?? url,
      accessTokenSecrets: config.accessTokenSecrets ?? [{ kid: 'dev', secret: secrets?.access ?? '' }],
      refreshTokenSecrets: config.refreshTokenSecrets ?? [{ kid: 'dev', secret: secrets?.refresh ?? '' }],
      typeDefs,
      webRoot: join(root, 'client/dist/app'),
      ...logOptions,
    })
  } catch (error) {
    const trouble = databaseTrouble(error)
    if (trouble === null || config.databaseUrl === undefined) throw error
    throw new StartError(`${trouble}. Check the database and DATABASE_URL.`, { cause: error })
  }
  const { fastify, services, stop } = app
  stops.push(stop)
  warn(config, fastify.log)
  if (config.demoUsers) await createDemoUsers(services, (user) => unannounced.push(user))
  await listen(fastify, config, 'PORT')
  const address = fastify.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  announceReady(config, port, await app.whyNotReady())
  return app
}

/** Colours only for a terminal that wants them. @see https://no-color.org */
async function prettyOutput() {
  const { prettyLog } = await import('./start/pretty-log.ts')
  return prettyLog(standardOutput, { hasColours: process.stdout.isTTY && !process.env.NO_COLOR })
}

/** Warnings at the start, for settings that work but that an operator may not have intended. */
function warn(config: Config, log: Pick<App['fastify']['log'], 'warn'>): void {
  const lax = laxSettings(config)
  if (lax !== null) process.stderr.write(`${lax}\n`)
  const embedded = embeddedInProduction(config)
  if (embedded !== null) log.warn(embedded)
  for (const name of unencryptedDatabases(config)) {
    log.warn(`${name} connects over a network without TLS: append sslmode=verify-full, or sslmode=disable to accept it`)
  }
}

/** Loaded on demand: a container with its own Postgres does not install it. */
async function startEmbedded(
  dataDir: string,
  listeners: Pick<EmbeddedPostgresOptions, 'onLaunch' | 'restart'>,
): Promise<string> {
  const { startEmbeddedPostgres } = await import('./db/embedded/embedded-postgres.ts')
  const postgres = await startEmbeddedPostgres({ dataDir, ...listeners })
  stops.push(() => postgres.stop())
  return postgres.url
}

/**
 * Resolves with the cause on the first signal, or when the reader of standard output has ended, which makes the exit code 1. A second
 * signal, or the end of `graceMs` after the first cause, ends the process at once.
 */
function stopSignal(graceMs: number): Promise<string> {
  return new Promise((stopping) => {
    let firstMs: number | undefined
    function stop(cause: string): void {
      firstMs = performance.now()
      setTimeout(() => process.exit(1), graceMs).unref()
      stopping(cause)
    }
    function onSignal(signal: string): void {
      if (firstMs === undefined) stop(signal)
      else if (performance.now() - firstMs > ONE_PRESS_MS) process.exit(1)
    }
    onOutputClosed(() => {
      process.exitCode = 1
      if (firstMs === undefined) stop('the end of standard output')
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  })
}

try {
  const config = loadConfig(process.env)
  knownConfig = config
  const stopping = stopSignal(config.shutdownGraceMs)
  const app = await start(config)
  const cause = await stopping
  app.fastify.log.info(`stopping because of ${cause}: requests in progress are still answered`)
  // Hanging requests are cut off while there is still time to store what is only in memory.
  setTimeout(() => {
    process.exitCode = 1
    app.fastify.server.closeAllConnections()
  }, config.shutdownGraceMs * 0.75).unref()
  app.drain()
  // Load balancers check our readiness every few seconds; until they notice, requests are still answered.
  if (config.production) await sleep(config.shutdownGraceMs * 0.25)
} catch (error) {
  await fail(error, 'the server could not start')
}
await stopAll()
