import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from './app.ts'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { tryAll } from './core/try-all.ts'
import { DataDirInUseError } from './db/embedded/data-dir-lock.ts'
import type { EmbeddedPostgresOptions } from './db/embedded/embedded-postgres.ts'
import type { DemoUser } from './demo-users.ts'
import { developmentSecrets } from './development-secrets.ts'
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
process.on('exit', () => {
  for (const user of unannounced) if (user.password !== null) print(createdLine(user))
})

const byRole = (a: DemoUser, b: DemoUser) => Number(a.role === 'ADMIN') - Number(b.role === 'ADMIN')

/** The last lines of the start: where it is, and how to sign in. */
function announceReady(config: Config, port: number): void {
  // `npm run dev` gives the address of Vite, which is the one for browsers.
  const url =
    process.argv.find((argument) => argument.startsWith('--url='))?.slice('--url='.length) ??
    localUrl(config.host, port)
  const users = unannounced.splice(0).sort(byRole) // whoever was created first
  const ready = { url, hasPlayground: config.playground, demoUsers: users }
  if (isPretty(config)) print(readyBlock(ready))
  else if (config.production) announce(config, readyLine(ready))
  else readyLines(ready).forEach(print)
}

/** Stops what was started, in reverse order, even when a later step of the start failed. */
const stops: (() => Promise<unknown>)[] = []
const stopAll = (): Promise<void> => tryAll(stops.splice(0).reverse()).catch(fail)

function fail(error: unknown): void {
  process.exitCode = 1
  if (error instanceof ConfigError || error instanceof DataDirInUseError) process.stderr.write(`${error.message}\n`)
  else if (isAddressInUse(error)) process.stderr.write(`${error.message}. Stop that program, or set another PORT.\n`)
  else for (let cause = error; cause !== undefined; cause = causeOf(cause)) process.stderr.write(`${stackOf(cause)}\n`)
}

const stackOf = (error: unknown) => (error instanceof Error ? error.stack : String(error))
const causeOf = (error: unknown) => (error instanceof Error ? error.cause : undefined)
const isAddressInUse = (error: unknown): error is Error => (error as { code?: unknown })?.code === 'EADDRINUSE'

/**
 * Loads everything that the embedded Postgres does not need. This is most of the work of a start, so it happens while Postgres
 * starts in a process of its own.
 */
async function importServer() {
  const [{ buildApp }, { createDataSource }, { migrate }, { createDemoUsers }] = await Promise.all([
    import('./app.ts'),
    import('./db/data-source.ts'),
    import('./db/migrate.ts'),
    import('./demo-users.ts'),
  ])
  return { buildApp, createDataSource, migrate, createDemoUsers }
}

let server: ReturnType<typeof importServer> | undefined
function loadServer(): ReturnType<typeof importServer> {
  server ??= importServer()
  server.catch(() => {}) // reported when it is awaited, once Postgres can be stopped
  return server
}

async function start(config: Config): Promise<App> {
  const dataDir = resolve(root, config.dataDir)
  const secrets =
    config.accessTokenSecrets && config.refreshTokenSecrets ? undefined : await developmentSecrets(dataDir)

  let app: App | undefined
  const url =
    config.databaseUrl ??
    (await startEmbedded(dataDir, {
      onLaunch: loadServer,
      onUnexpectedEnd(output) {
        app?.fastify.log.error({ output }, 'the embedded Postgres stopped unexpectedly: restart the server')
      },
    }))
  const { buildApp, createDataSource, migrate, createDemoUsers } = await loadServer()
  const { databasePoolSize: poolSize, preparedStatements } = config
  const dataSource = createDataSource({ url, poolSize, preparedStatements })
  await dataSource.initialize()
  stops.push(() => dataSource.destroy())

  await migrate(url, (line) => announce(config, line))
  app = await buildApp({
    config,
    dataSource,
    listenUrl: config.databaseListenUrl ?? url,
    accessTokenSecrets: config.accessTokenSecrets ?? [{ kid: 'dev', secret: secrets?.access ?? '' }],
    refreshTokenSecrets: config.refreshTokenSecrets ?? [{ kid: 'dev', secret: secrets?.refresh ?? '' }],
    typeDefs: await readFile(join(root, 'schema.graphql'), 'utf8'),
    webRoot: join(root, 'client/dist/app'),
    ...(isPretty(config) && { logStream: await prettyOutput(), loggedRequests: 'notable' }),
  })
  const { fastify, services, stop } = app
  stops.push(stop)
  warn(config, fastify.log)
  if (config.demoUsers) await createDemoUsers(services, (user) => unannounced.push(user))
  await fastify.listen({ host: config.host, port: config.port })
  const address = fastify.server.address()
  announceReady(config, typeof address === 'object' && address !== null ? address.port : config.port)
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
  listeners: Pick<EmbeddedPostgresOptions, 'onLaunch' | 'onUnexpectedEnd'>,
): Promise<string> {
  const { startEmbeddedPostgres } = await import('./db/embedded/embedded-postgres.ts')
  const postgres = await startEmbeddedPostgres({ dataDir, ...listeners })
  stops.push(() => postgres.stop())
  return postgres.url
}

/**
 * Resolves on the first signal, or when the reader of standard output has ended, which makes the exit code 1. A second
 * signal, or the end of `graceMs` after the first cause, ends the process at once.
 */
function stopSignal(graceMs: number): Promise<void> {
  return new Promise((stopping) => {
    let firstMs: number | undefined
    function stop(): void {
      firstMs = performance.now()
      setTimeout(() => process.exit(1), graceMs).unref()
      stopping()
    }
    function onSignal(): void {
      if (firstMs === undefined) stop()
      else if (performance.now() - firstMs > ONE_PRESS_MS) process.exit(1)
    }
    onOutputClosed(() => {
      process.exitCode = 1
      if (firstMs === undefined) stop()
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  })
}

try {
  const config = loadConfig(process.env)
  const stopping = stopSignal(config.shutdownGraceMs)
  const app = await start(config)
  await stopping
  // Hanging requests are cut off while there is still time to store what is only in memory.
  setTimeout(() => {
    process.exitCode = 1
    app.fastify.server.closeAllConnections()
  }, config.shutdownGraceMs * 0.75).unref()
  app.drain()
  // Load balancers check our readiness every few seconds; until they notice, requests are still answered.
  if (config.production) await sleep(config.shutdownGraceMs * 0.25)
} catch (error) {
  fail(error)
}
await stopAll()
