import fastifyCookie from '@fastify/cookie'
import fastifyCors from '@fastify/cors'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import {
  type ConnectionLimits,
  defaultConnectionLimits,
  limitExchanges,
  serverOptions,
} from './connections/connection-limits.ts'
import { watchRequestEnds } from './connections/request-ends.ts'
import { answerError, endWithError } from './error-answer.ts'
import { ABORTED_STATUS, createRequestLog, type LoggedRequests, type LogStream, loggerOptions } from './logs/logger.ts'
import type { Metrics } from './metrics.ts'
import { createSecurityHeaders } from './security-headers.ts'

const MAX_BODY_BYTES = 100 * 1024

const clientErrors: Record<string, [status: string, message: string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
}

export interface FastifyOptions {
  /** Where log lines go. @default standard output */
  readonly logStream?: LogStream
  /** @default 'all' */
  readonly loggedRequests?: LoggedRequests
  readonly connectionLimits?: ConnectionLimits
  /** Counts each request when it has ended. @default not counted */
  readonly countRequest?: Metrics['requestEnded']
}

/** Fastify with what every response needs: limits, request ids, cookies, CORS and security headers. It has no routes yet. */
export function createFastify(
  config: Config,
  {
    logStream,
    loggedRequests = 'all',
    connectionLimits: limits = defaultConnectionLimits,
    countRequest = () => {},
  }: FastifyOptions = {},
): FastifyInstance {
  const { trustProxy } = config
  const requestLog = createRequestLog(loggedRequests)
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    http: serverOptions(limits),
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.inactivityTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    trustProxy: typeof trustProxy === 'number' ? (_address: string, hop: number) => hop < trustProxy : trustProxy,
    ...loggerOptions(config.logLevel, requestLog, logStream),
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors(error, request, reply) {
      watchWithoutHooks(request, reply)
      answerError(error, request, reply)
    },
    clientErrorHandler(error, socket) {
      if (!socket.writable) return
      const [status, message] = clientErrors[error.code] ?? ['400 Bad Request', 'The request is not valid HTTP.']
      endWithError(socket, status, message, 'BAD_REQUEST')
    },
  })
  app.addHook('onListen', async () => {
    // For example EMFILE: a connection could not be accepted. Fastify handles errors of listening itself, but only until then.
    app.server.on('error', (error) => app.log.error({ err: error }, 'connection not accepted'))
  })
  const count = ({ method, routeOptions }: FastifyRequest, status: number, { elapsedTime: tookMs }: FastifyReply) =>
    countRequest({ method, route: routeOptions.url, status, tookMs })
  const watchWithoutHooks = watchRequestEnds(app, {
    onAnswered(request, reply) {
      count(request, reply.statusCode, reply)
      requestLog.answered(request, reply)
    },
    onAborted(request, reply) {
      count(request, ABORTED_STATUS, reply)
      requestLog.aborted(request, reply)
    },
  })
  limitExchanges(app, limits)
  const securityHeaders = createSecurityHeaders({ hsts: config.cookieSecure })
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(securityHeaders(request.headers.host))
    reply.header('x-request-id', request.id) // the same id as in the log
    done()
  })
  app.register(fastifyCookie)
  app.register(fastifyCors, {
    origin: [...config.corsOrigins],
    credentials: true,
    maxAge: 600,
    exposedHeaders: ['retry-after', 'x-request-id'],
  })
  app.setErrorHandler(answerError)
  return app
}
