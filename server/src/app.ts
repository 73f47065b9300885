import type { FastifyInstance } from 'fastify'
import type { Services } from './core/services.ts'
import { createBackground } from './create-background.ts'
import { type CoreOptions, createCore } from './create-core.ts'
import { poolStats } from './db/data-source.ts'
import { createFastify } from './http/create-fastify.ts'
import { createHttp, type WebOptions } from './http/create-http.ts'
import type { LogStream } from './http/logger.ts'
import { createMetrics } from './http/metrics.ts'

export interface AppOptions extends CoreOptions, WebOptions {
  /** Where log lines go. @default standard output */
  readonly logStream?: LogStream
}

export interface App {
  readonly fastify: FastifyInstance
  readonly services: Services
  openSockets(): number
  /** From now on `/readyz` reports 503 while requests are still answered, so that load balancers send no more. */
  drain(): void
  /** Answers the requests in progress, then closes everything this app has opened. */
  stop(): Promise<void>
}

/** Builds the app: the core, its background work and the HTTP server, which does not listen yet. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { config, dataSource } = options
  const metrics = createMetrics()
  const fastify = createFastify(config, options.logStream) // first, because everything else writes to its log
  const onError = (error: unknown) => {
    metrics.backgroundWorkFailed()
    fastify.log.error({ err: error }, 'background work failed')
  }
  const core = await createCore(options, { observer: metrics.observer, onError })
  const background = createBackground(core, { config, dataSource, metrics, log: fastify.log, onError })
  const http = await createHttp(core, { ...options, fastify, metrics })
  metrics.watch({
    revocationListSize: () => core.revocations.size,
    isRevocationFeedCurrent: core.feed.isCurrent,
    openSockets: http.openSockets,
    waitingPasswords: core.bcrypt.waiting,
    databasePool: () => poolStats(dataSource),
  })
  await background.start()

  return {
    fastify,
    services: core.services,
    openSockets: http.openSockets,
    drain: http.drain,
    async stop() {
      await http.stop()
      await background.stop()
      await core.bcrypt.close()
    },
  }
}
