import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import type { Services } from '../core/services.ts'
import type { GraphContext } from '../graphql/context.ts'
import { identify } from '../graphql/identify.ts'
import { originOf } from './client-address.ts'
import { connectionSignal } from './connections/connection-signal.ts'
import { createDeviceCookie } from './cookies/device-cookie.ts'
import { createRefreshCookie } from './cookies/refresh-cookie.ts'
import { answerNotFound } from './error-answer.ts'
import { serveDemoSignIn } from './exploring/demo-sign-in-route.ts'
import { refusePlayground, servePlayground } from './exploring/playground-routes.ts'
import { serveSchema } from './exploring/schema-route.ts'
import { serveWebApp, wantsPage } from './web-app.ts'

export interface RoutesOptions {
  readonly apollo: ApolloServer<GraphContext>
  readonly services: Services
  readonly isReady: () => Promise<boolean>
  readonly config: Config
  readonly webRoot: string
  /** The text of `schema.graphql`. */
  readonly typeDefs: string
}

/** Serves pages, the API and health checks on one origin. */
export async function mountRoutes(app: FastifyInstance, options: RoutesOptions): Promise<void> {
  const { apollo, services, isReady, config } = options
  const hasPages = await serveWebApp(app, options.webRoot, config)
  const refreshCookie = createRefreshCookie(config)
  const deviceCookie = createDeviceCookie(config)

  const handleGraphql = fastifyApolloHandler(apollo, {
    context: async (request, reply) => ({
      ...services,
      identity: await identify(request.headers.authorization, services.sessions),
      answered: new Set<string>(),
      requestId: request.id,
      signal: connectionSignal(request.socket),
      origin: originOf(request),
      cookie: refreshCookie(request, reply),
      deviceCookie: deviceCookie(request, reply),
    }),
  })

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onSend(_request, reply, payload, done) {
      // Responses contain tokens and private data. Set last, because Apollo sets its own value for some responses.
      reply.header('cache-control', 'no-store')
      done(null, payload)
    },
    handler(request, reply) {
      if (!wantsPage(request)) return handleGraphql.call(app, request, reply)
      if (!config.playground) return refusePlayground(reply)
      return hasPages ? reply.sendFile('playground.html') : handleGraphql.call(app, request, reply)
    },
  })
  servePlayground(app, services.demo, config)
  serveDemoSignIn(app, { demo: services.demo, corsOrigins: config.corsOrigins, refreshCookie })
  serveSchema(app, options.typeDefs, config)
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const ready = await isReady()
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' })
  })
  app.setNotFoundHandler((request, reply) =>
    hasPages && wantsPage(request) ? reply.sendFile('index.html') : answerNotFound(request, reply),
  )
}
