import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type App, buildApp } from './app.ts'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { tryAll } from './core/try-all.ts'
import { createDataSource } from './db/data-source.ts'
import { migrate } from './db/migrate.ts'
import { createDemoUsers } from './demo-users.ts'
import { developmentSecrets } from './development-secrets.ts'
import { onOutputClosed } from './start/standard-output.ts'
import { laxSettings, unencryptedDatabases } from './start/start-warnings.ts'

/** The folder of the project. Paths are relative to it, not to the folder in which the process was started. */
const root = resolve(import.meta.dirname, '../..')

/** npm forwards Ctrl-C, so one press can arrive several times. Signals within this time count as one. */
const ONE_PRESS_MS = 1_000

const print = (line: string) => process.stdout.write(`${line}\n`)

/** Tells the operator something, at any log level. In production, standard output contains nothing but JSON. */
function announce({ production }: Config, text: string): void {
  print(production ? JSON.stringify({ level: 30, time: Date.now(), pid: process.pid, msg: text }) : text)
}

/** Stops what was started, in reverse order, even when a later step of the start failed. */
const stops: (() => Promise<unknown>)[] = []
const stopAll = (): Promise<void> => tryAll(stops.splice(0).reverse()).catch(fail)

function fail(error: unknown): void {
  process.exitCode = 1
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
  else for (let cause = error; cause !== undefined; cause = causeOf(cause)) process.stderr.write(`${stackOf(cause)}\n`)
}

const stackOf = (error: unknown) => (error instanceof Error ? error.stack : String(error))
const causeOf = (error: unknown) => (error instanceof Error ? error.cause : undefined)

async function start(config: Config): Promise<App> {
  const dataDir = resolve(root, config.dataDir)
  const secrets =
    config.accessTokenSecrets && config.refreshTokenSecrets ? undefined : await developmentSecrets(dataDir)

  const url = config.databaseUrl ?? (await startEmbedded(dataDir))
  const dataSource = createDataSource({ url, poolSize: config.databasePoolSize })
  await dataSource.initialize()
  stops.push(() => dataSource.destroy())

  await migrate(url, (line) => announce(config, line))
  const app = await buildApp({
    config,
    dataSource,
    listenUrl: config.databaseListenUrl ?? url,
    accessTokenSecrets: config.accessTokenSecrets ?? [{ kid: 'dev', secret: secrets?.access ?? '' }],
    refreshTokenSecrets: config.refreshTokenSecrets ?? [{ kid: 'dev', secret: secrets?.refresh ?? '' }],
    typeDefs: await readFile(join(root, 'schema.graphql'), 'utf8'),
    webRoot: join(root, 'client/dist/app'),
  })
  stops.push(() => app.stop())
  warn(config, app.fastify.log)
  if (config.demoUsers) await createDemoUsers(app.services.passwords, print)
  await app.fastify.listen({ host: config.host, port: config.port })
  const address = app.fastify.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  announce(config, `Silent Refresh is ready at http://localhost:${port} (API and playground: /graphql).`)
  return app
}

/** Warnings at the start, for settings that work but that an operator may not have intended. */
function warn(config: Config, log: Pick<App['fastify']['log'], 'warn'>): void {
  const lax = laxSettings(config)
  if (lax !== null) process.stderr.write(`${lax}\n`)
  for (const name of unencryptedDatabases(config)) {
    log.warn(`${name} connects over a network without TLS: append sslmode=verify-full, or sslmode=disable to accept it`)
  }
}

/** Loaded on demand: a container with its own Postgres does not install it. */
async function startEmbedded(dataDir: string): Promise<string> {
  const { startEmbeddedPostgres } = await import('./db/embedded/embedded-postgres.ts')
  const postgres = await startEmbeddedPostgres({ dataDir })
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
