import type { FastifyInstance } from 'fastify'
import type { Services } from './core/services.ts'
import { tryAll } from './core/try-all.ts'
import { createBackground } from './create-background.ts'
import { type CoreOptions, createCore } from './create-core.ts'
import { createHttp, type Http, type WebOptions } from './create-http.ts'
import { poolStats } from './db/data-source.ts'
import { createFastify, type FastifyOptions } from './http/create-fastify.ts'
import { createMetrics } from './http/metrics.ts'
import { standardOutput } from './start/standard-output.ts'

export interface AppOptions extends CoreOptions, WebOptions, FastifyOptions {}

export interface App extends Http {
  readonly fastify: FastifyInstance
  readonly services: Services
  /** Why `/readyz` returns 503, as far as it is known; null when it does not. */
  whyNotReady(): Promise<string | null>
  /** Answers the requests in progress, then closes everything this app has opened, even if one part cannot be closed. */
  stop(): Promise<void>
}

/** Builds the app: the core, its background work and the HTTP server, which does not listen yet. */
export async function buildApp(appOptions: AppOptions): Promise<App> {
  const options = { logStream: standardOutput, ...appOptions }
  const { config, dataSource } = options
  const metrics = createMetrics()
  // First, because everything else writes to its log.
  const fastify = createFastify(config, { ...options, countRequest: metrics.requestEnded })
  const onError = (error: unknown) => {
    metrics.backgroundWorkFailed()
    fastify.log.error({ err: error }, 'background work failed')
  }
  const core = await createCore(options, metrics.observer, onError)
  const http = await createHttp(core, { ...options, fastify, metrics })
  metrics.gauge('revocation_list_size', 'Ended sessions and changed rights in memory.', () => core.revocations.size)
  metrics.gauge(
    'revocation_feed_current',
    '1 while the list is known to be complete; 0: access is checked in the database.',
    () => Number(core.feed.state() !== 'lost'),
  )
  metrics.gauge(
    'clock_offset_seconds',
    "How far this machine's clock is ahead of the database's, which is used instead.",
    () => core.clock.systemAheadMs() / 1000,
  )
  metrics.gauge('open_sockets', 'Open WebSockets.', http.openSockets)
  metrics.gauge('passwords_waiting', 'Passwords waiting for a thread to be hashed or compared.', core.bcrypt.waiting)
  metrics.gauge('database_pool', 'Connections of the pool by state, and requests waiting for one.', () =>
    poolStats(dataSource),
  )
  const background = await createBackground(core, { config, dataSource, metrics, log: fastify.log, onError })

  return {
    ...http,
    fastify,
    services: core.services,
    async whyNotReady() {
      if (await core.isReady()) return null
      if (core.feed.state() !== 'lost') return 'the database cannot do what requests need'
      return `LISTEN does not work: ${background.feedTrouble() ?? 'it has not connected yet'}`
    },
    async stop() {
      await tryAll([http.stop, background.stop, core.bcrypt.close])
    },
  }
}
