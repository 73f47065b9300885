import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import fastifyCookie from '@fastify/cookie'
import fastifyCors from '@fastify/cors'
import fastifyHelmet from '@fastify/helmet'
import Fastify, { type FastifyInstance } from 'fastify'
import type { GraphContext } from '../graphql/context.ts'
import { identify } from '../graphql/identify.ts'
import { clientAddress } from './client-address.ts'
import { answerError, endWithError, errorBody } from './error-answer.ts'
import { type LoggerOptions, loggerOptions } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { createRefreshCookie } from './refresh-cookie.ts'
import { serveWebApp, wantsPage } from './web-app.ts'

const BODY_LIMIT_BYTES = 100 * 1024
/** How long a client may take to send a whole request; Fastify's own default is for ever. */
const REQUEST_TIMEOUT_MS = 30_000

const clientErrors: Record<string, [status: string, message: string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
}

export interface HttpOptions {
  corsOrigins: readonly string[]
  cookieSecure: boolean
  trustProxy: boolean | number | string
  log: LoggerOptions
  /** The folder of the built web app. */
  webRoot: string
}

/** Fastify with what every answer needs: limits, cookies, CORS and security headers; `mountRoutes` adds what is answered. */
export function createHttpServer({ corsOrigins, cookieSecure, trustProxy, log }: HttpOptions): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: typeof trustProxy === 'number' ? (_address: string, hop: number) => hop < trustProxy : trustProxy,
    ...loggerOptions(log),
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    clientErrorHandler(error, socket) {
      if (!socket.writable) return
      const [status, message] = clientErrors[error.code] ?? ['400 Bad Request', 'The request is not valid HTTP.']
      endWithError(socket, status, message, 'BAD_REQUEST')
    },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id) // under which the log tells of it
  })
  app.register(fastifyCookie)
  app.register(fastifyCors, {
    origin: [...corsOrigins],
    credentials: true,
    maxAge: 600,
    exposedHeaders: ['retry-after', 'x-request-id'],
  })
  app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Naive UI and the playground's editor write their styles at run time.
        styleSrc: ["'self'", "'unsafe-inline'"],
        fontSrc: ["'self'", 'data:'],
        imgSrc: ["'self'", 'data:'],
        workerSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: cookieSecure,
  })
  app.setErrorHandler(answerError)
  return app
}

/** Pages, the API and its health on one origin. */
export async function mountRoutes(
  app: FastifyInstance,
  deps: {
    apollo: ApolloServer<GraphContext>
    services: Pick<GraphContext, 'sessions' | 'devices' | 'accounts'>
    isReady: () => Promise<boolean>
    metrics: Metrics
    options: HttpOptions
  },
): Promise<void> {
  const { apollo, services, isReady, metrics, options } = deps
  app.addHook('onResponse', async (request, reply) => {
    metrics.requestAnswered({
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      tookMs: reply.elapsedTime,
    })
  })
  const hasPages = await serveWebApp(app, options.webRoot)
  const refreshCookie = createRefreshCookie(options.cookieSecure)

  const handleGraphql = fastifyApolloHandler(apollo, {
    context: async (request, reply) => ({
      ...services,
      identity: await identify(request.headers.authorization, services.sessions),
      answered: new Set<string>(),
      requestId: request.id,
      origin: { userAgent: request.headers['user-agent']?.slice(0, 512) ?? null, ipAddress: clientAddress(request.ip) },
      cookie: refreshCookie(request, reply),
    }),
  })

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onSend: async (_request, reply) => {
      // Answers hold tokens and what only one person may see. Last, as Apollo has words of its own for some.
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
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
  app.setNotFoundHandler((request, reply) =>
    hasPages && wantsPage(request)
      ? reply.sendFile('index.html')
      : reply.status(404).send(errorBody(`There is nothing at ${request.method} ${pathOf(request.url)}.`, 'NOT_FOUND')),
  )
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}
