import type { ServerOptions } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** How long clients may take, in milliseconds, however slowly they send or read. Sockets have their own limits. @see PROTOCOL.md S19 */
export interface ConnectionLimits {
  /** From the connection, or the first byte of a later request on it, to the end of the headers. */
  readonly headersTimeoutMs: number
  /** From the same moment to the end of the body. */
  readonly requestTimeoutMs: number
  /** How often both are checked; a slow request is cut at most this much later. */
  readonly checkIntervalMs: number
  /** Between two bytes in either direction while a request is in progress. */
  readonly inactivityTimeoutMs: number
  /** From the end of the headers to the last byte of the response. */
  readonly exchangeTimeoutMs: number
}

// Node's own: 60 s for the headers, checked every 30 s, and no limit for a client that does not read its response.
export const defaultConnectionLimits: ConnectionLimits = {
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 30_000,
  checkIntervalMs: 5_000,
  inactivityTimeoutMs: 60_000,
  exchangeTimeoutMs: 180_000,
}

/** The limits that Node must know when it creates the server: it ignores or reinterprets them afterwards. */
export function serverOptions(limits: ConnectionLimits): ServerOptions {
  return {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
  }
}

/** Cuts connections whose response has not been read in time. Reading a byte a second is activity, so inactivity is not enough. */
export function limitExchanges(app: FastifyInstance, { exchangeTimeoutMs }: ConnectionLimits): void {
  app.addHook('onRequest', (request, reply, done) => {
    const cut = setTimeout(() => request.raw.socket.destroy(), exchangeTimeoutMs).unref()
    reply.raw.once('close', () => clearTimeout(cut))
    done()
  })
}
