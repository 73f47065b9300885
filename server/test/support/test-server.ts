import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import type { DataSource, Logger } from 'typeorm'
import { type App, buildApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { DatabaseClock } from '../../src/core/clock.ts'
import type { NamedSecret } from '../../src/core/tokens/keyring.ts'
import { createDataSource } from '../../src/db/data-source.ts'
import { migrate } from '../../src/db/migrate.ts'
import type { ConnectionLimits } from '../../src/http/connections/connection-limits.ts'
import type { SocketLimits } from '../../src/http/sockets/socket-server.ts'
import { isBackground } from './background-statements.ts'
import { createServerDatabase, type TestDatabase } from './database.ts'
import { createTestClient, type TestClient } from './test-client.ts'
import { openTestClock, type TestClock } from './test-clock.ts'

export const accessTokenSecret = 'an access secret that only tests know, 48 bytes'
export const refreshTokenSecret = 'a refresh secret that only tests know, 48 bytes'

/** The first key of each kind signs, all verify. */
export type TestKeys = Readonly<Record<'access' | 'refresh', readonly NamedSecret[]>>

const root = resolve(import.meta.dirname, '../../..')
const typeDefs = readFileSync(join(root, 'schema.graphql'), 'utf8')

export interface TestServerOptions {
  /** Share the database and the clock of this server. */
  readonly beside?: TestServer
  readonly socketLimits?: SocketLimits
  readonly connectionLimits?: ConnectionLimits
  readonly keys?: TestKeys
  readonly listenUrl?: string
  readonly clock?: DatabaseClock
  /** The folder of the pages. @default that of the built web app */
  readonly webRoot?: string
}

export interface TestServer {
  readonly app: App
  readonly url: string
  readonly clock: TestClock
  readonly database: TestDatabase
  readonly dataSource: DataSource
  /** Every SQL statement that the server runs for requests, in order. */
  readonly statements: string[]
  /** Every line of the log. */
  readonly logLines: string[]
  /** A new client with its own cookie jar, or that of another client. @param headers sent with every request */
  client(headers?: Readonly<Record<string, string>>, jar?: TestClient['jar']): TestClient
  stop(): Promise<void>
}

/**
 * Starts the real server on a real Postgres and a real socket, with its own database and a movable clock; or a second
 * instance on the database and clock of another.
 */
export async function startTestServer(
  env: Record<string, string> = {},
  { beside, socketLimits, connectionLimits, keys, listenUrl, ...more }: TestServerOptions = {},
): Promise<TestServer> {
  const database = beside?.database ?? (await createServerDatabase())
  const clock = beside?.clock ?? (await openTestClock(database.url))
  if (beside !== undefined) await migrate(database.url) // a test may have created this database itself
  const statements: string[] = []
  const logQuery = (statement: string) => !isBackground(statement) && statements.push(statement)
  const logger = { logQuery } as unknown as Logger
  for (const name of ['logQueryError', 'logQuerySlow', 'logSchemaBuild', 'logMigration', 'log'] as const) {
    logger[name] = () => undefined
  }
  const config = loadConfig({
    NODE_ENV: 'test',
    PASSWORD_COST: '4',
    RATE_LIMIT_LOGIN_PER_ACCOUNT: '0',
    RATE_LIMIT_LOGIN_PER_ADDRESS: '0',
    ...env,
  })
  const { preparedStatements } = config
  const dataSource = await createDataSource({
    url: database.url,
    poolSize: 10,
    preparedStatements,
    logger,
  }).initialize()
  const logLines: string[] = []
  const app = await buildApp({
    config,
    dataSource,
    listenUrl: listenUrl ?? database.url,
    accessTokenSecrets: keys?.access ?? [{ kid: 'test', secret: accessTokenSecret }],
    refreshTokenSecrets: keys?.refresh ?? [{ kid: 'test', secret: refreshTokenSecret }],
    typeDefs,
    webRoot: more.webRoot ?? join(root, 'client/dist/app'),
    clock: more.clock ?? clock,
    logStream: { write: (line) => logLines.push(line) },
    ...(socketLimits && { socketLimits }),
    ...(connectionLimits && { connectionLimits }),
  })
  await app.fastify.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.fastify.server.address() as AddressInfo).port}`
  return {
    ...{ app, url, clock, database, dataSource, statements, logLines },
    client: (headers, jar) => createTestClient(url, headers, jar),
    async stop() {
      await app.stop()
      await dataSource.destroy()
      if (beside !== undefined) return
      await clock.close()
      await database.drop()
    },
  }
}
