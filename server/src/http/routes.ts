import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import type { Services } from '../core/services.ts'
import type { GraphContext } from '../graphql/context.ts'
import { identify } from '../graphql/identify.ts'
import { clientAddress } from './client-address.ts'
import { connectionSignal } from './connections/connection-signal.ts'
import { createDeviceCookie } from './cookies/device-cookie.ts'
import type { CookieSettings } from './cookies/host-cookie.ts'
import { createRefreshCookie } from './cookies/refresh-cookie.ts'
import { errorBody } from './error-answer.ts'
import type { Metrics } from './metrics.ts'
import { serveWebApp, wantsPage } from './web-app.ts'

const MAX_USER_AGENT_LENGTH = 512

export interface RoutesOptions {
  readonly apollo: ApolloServer<GraphContext>
  readonly services: Services
  readonly isReady: () => Promise<boolean>
  readonly metrics: Metrics
  readonly cookies: CookieSettings
  readonly webRoot: string
}

/** Serves pages, the API and health checks on one origin. */
export async function mountRoutes(app: FastifyInstance, options: RoutesOptions): Promise<void> {
  const { apollo, services, isReady, metrics } = options
  app.addHook('onResponse', async (request, reply) => {
    metrics.requestAnswered({
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      tookMs: reply.elapsedTime,
    })
  })
  const hasPages = await serveWebApp(app, options.webRoot)
  const refreshCookie = createRefreshCookie(options.cookies)
  const deviceCookie = createDeviceCookie(options.cookies)

  const handleGraphql = fastifyApolloHandler(apollo, {
    context: async (request, reply) => ({
      ...services,
      identity: await identify(request.headers.authorization, services.sessions),
      answered: new Set<string>(),
      requestId: request.id,
      signal: connectionSignal(request.socket),
      origin: {
        userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
        ipAddress: clientAddress(request.ip),
      },
      cookie: refreshCookie(request, reply),
      deviceCookie: deviceCookie(request, reply),
    }),
  })

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onSend: async (_request, reply) => {
      // Responses contain tokens and private data. Set last, because Apollo sets its own value for some responses.
      reply.header('cache-control', 'no-store')
    },
    handler: (request, reply) =>
      hasPages && wantsPage(request) ? reply.sendFile('playground.html') : handleGraphql.call(app, request, reply),
  })
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const ready = await isReady()
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' })
  })
  app.setNotFoundHandler((request, reply) =>
    hasPages && wantsPage(request)
      ? reply.sendFile('index.html')
      : reply.status(404).send(errorBody(`There is nothing at ${request.method} ${pathOf(request.url)}.`, 'NOT_FOUND')),
  )
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''
