import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import { createFastify, type FastifyOptions } from './create-fastify.ts'
import { answerNotFound, errorBody } from './error-answer.ts'
import { listen } from './listen.ts'
import type { Metrics } from './metrics.ts'

/**
 * Serves the metrics at /metrics, to anyone or only with the token; on the port of the app or on their own. Their own port
 * opens just before that of the app, whose start fails if it is taken, and closes last.
 */
export function serveMetrics(app: FastifyInstance, metrics: Metrics, config: Config, options: FastifyOptions): void {
  const { host, metricsPort: port, metricsToken: token } = config
  const server = port === undefined ? app : createFastify(config, options)
  server.get('/metrics', async (request, reply) => {
    if (token !== undefined && !isBearer(request.headers.authorization, token)) {
      reply.status(401).header('www-authenticate', 'Bearer')
      return errorBody('Send the metrics token in the header "Authorization: Bearer …".', 'UNAUTHENTICATED')
    }
    return reply.type(metrics.contentType).send(await metrics.text())
  })
  if (port === undefined) return
  server.setNotFoundHandler(answerNotFound)
  app.addHook('onReady', async () => {
    await listen(server, { host, port }, 'METRICS_PORT')
  })
  app.addHook('onClose', () => server.close())
}

/** Compares digests, so that the time reveals neither where the token differs nor how long it is. */
function isBearer(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
