import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { createLiveConnections } from './core/revocation/live-connections.ts'
import type { Core } from './create-core.ts'
import { createFormatError } from './graphql/format-error.ts'
import { createSchema } from './graphql/schema.ts'
import { createSubscriptionServer } from './graphql/subscription-server.ts'
import { closeUnusedConnections } from './http/connections/unused-connections.ts'
import { createApollo } from './http/create-apollo.ts'
import type { FastifyOptions } from './http/create-fastify.ts'
import { createForbiddenLog } from './http/logs/forbidden-log.ts'
import type { Metrics } from './http/metrics.ts'
import { serveMetrics } from './http/metrics-server.ts'
import { mountRoutes } from './http/routes.ts'
import { defaultSocketLimits, type SocketLimits, serveSockets } from './http/sockets/socket-server.ts'

export interface WebOptions {
  /** The text of `schema.graphql`. */
  readonly typeDefs: string
  /** The folder of the built web app. */
  readonly webRoot: string
  readonly socketLimits?: SocketLimits
}

export interface HttpOptions extends WebOptions, FastifyOptions {
  readonly fastify: FastifyInstance
  readonly config: Config
  readonly metrics: Metrics
}

export interface Http {
  openSockets(): number
  /** From now on `/readyz` reports 503 while requests are still answered, so that load balancers send no more. */
  drain(): void
  /** Answers the requests in progress and closes the server. */
  stop(): Promise<void>
}

/** Serves the core over HTTP and WebSockets: the GraphQL API, the web app, health checks and metrics. */
export async function createHttp(core: Core, options: HttpOptions): Promise<Http> {
  const { fastify, config, metrics, socketLimits: limits = defaultSocketLimits } = options
  const { clock, services, revocations } = core
  const { introspection, corsOrigins } = config
  let isDraining = false
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    // Otherwise the client would send its next request to a server that is about to stop.
    if (isDraining) reply.header('connection', 'close')
    done(null, payload)
  })

  const schema = createSchema(options.typeDefs)
  const { forbidden } = createForbiddenLog({ warn: (line, message) => fastify.log.warn(line, message) })
  const formatError = createFormatError({
    report: (error, reqId) => fastify.log.error({ ...(reqId && { reqId }), err: error }, 'operation failed'),
    onError: metrics.errorSent,
    onForbidden(refused, requestId) {
      metrics.operationForbidden()
      forbidden(refused, requestId)
    },
    hideSuggestions: !introspection,
  })
  const apollo = await createApollo(fastify, { schema, formatError, introspection })
  serveMetrics(fastify, metrics, config, options)
  const isReady = async () => !isDraining && core.isReady()
  const { webRoot, typeDefs } = options
  await mountRoutes(fastify, { apollo, services, isReady, config, webRoot, typeDefs })

  const protocol = createSubscriptionServer({
    ...{ schema, services, formatError, limits },
    connections: createLiveConnections({ list: revocations, clock, maxPerSession: limits.maxSocketsPerSession }),
    hideSuggestions: !introspection,
  })
  const openSockets = serveSockets(fastify, { protocol, corsOrigins, limits })
  closeUnusedConnections(fastify) // last: connections that arrive while it closes them find the port closed

  return {
    openSockets,
    drain() {
      isDraining = true
    },
    async stop() {
      isDraining = true
      await apollo.stop()
    },
  }
}
