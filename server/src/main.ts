import { once } from 'node:events'
import { resolve } from 'node:path'
import { buildApp } from './app.ts'
import { ConfigError, loadConfig } from './config.ts'
import { createDataSource } from './db/data-source.ts'
import { migrate } from './db/migrate.ts'
import { developmentSecrets } from './development-secrets.ts'
import { createFirstPeople } from './first-people.ts'

const tell = (line: string) => process.stdout.write(`${line}\n`)

/** Stops what was started, last first, also when a later start failed. */
const stops: (() => Promise<unknown>)[] = []
async function stopAll(): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop()
}

async function start(): Promise<{ shutdownGraceMs: number }> {
  const config = loadConfig(process.env)
  // Relative to where the project lies, not to the folder a tool happened to start in.
  const dataDir = resolve(import.meta.dirname, '../..', config.dataDir)
  const secrets =
    config.accessTokenSecrets && config.refreshTokenSecrets ? undefined : await developmentSecrets(dataDir)

  const url = config.databaseUrl ?? (await startEmbedded(dataDir))
  const dataSource = createDataSource({ url, poolSize: config.databasePoolSize })
  await dataSource.initialize()
  stops.push(() => dataSource.destroy())

  await migrate(dataSource)
  const app = await buildApp({
    config,
    dataSource,
    listenUrl: config.databaseListenUrl ?? url,
    accessTokenSecrets: config.accessTokenSecrets ?? [{ kid: 'dev', secret: secrets?.access ?? '' }],
    refreshTokenSecrets: config.refreshTokenSecrets ?? [{ kid: 'dev', secret: secrets?.refresh ?? '' }],
  })
  stops.push(() => app.stop())
  if (!config.production) await createFirstPeople(app.sessions, tell)
  await app.fastify.listen({ host: config.host, port: config.port })
  const address = app.fastify.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  tell(`Silent Refresh is ready at http://localhost:${port} (API and playground: /graphql).`)
  return config
}

/** Loaded only when it is needed: a container with a Postgres of its own never pays for it. */
async function startEmbedded(dataDir: string): Promise<string> {
  const { startEmbeddedPostgres } = await import('./db/embedded-postgres.ts')
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => {} })
  stops.push(() => postgres.stop())
  return postgres.url
}

const signal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
try {
  const { shutdownGraceMs } = await start()
  await signal
  // What hangs must not keep the process for ever.
  setTimeout(() => process.exit(1), shutdownGraceMs).unref()
  await stopAll()
} catch (error) {
  process.stderr.write(
    error instanceof ConfigError
      ? `${error.message}\n`
      : `Could not start: ${error instanceof Error ? error.stack : error}\n`,
  )
  process.exitCode = 1
  await stopAll()
}
