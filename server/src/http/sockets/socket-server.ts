import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { handleProtocols, type Server } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Connection } from '../../graphql/subscription-server.ts'
import { endWithError } from '../error-answer.ts'
import { isAllowedOrigin } from './allowed-origin.ts'
import { declineUpgrade } from './decline-upgrade.ts'

/** What sockets may use. Durations are in milliseconds. @see PROTOCOL.md S17 */
export interface SocketLimits {
  /** Open sockets per session, which allows as many tabs. */
  readonly maxSocketsPerSession: number
  /** Concurrent subscriptions per socket. */
  readonly maxSubscriptions: number
  /** How long a socket may take to authenticate. */
  readonly initTimeoutMs: number
  /** The interval of pings, each of which the peer must answer before the next one. */
  readonly keepAliveMs: number
  /** How much data may wait for a peer that reads slowly; beyond that the socket is closed. */
  readonly maxUnsentBytes: number
}

export const defaultSocketLimits: SocketLimits = {
  maxSocketsPerSession: 20,
  maxSubscriptions: 10,
  initTimeoutMs: 3_000,
  keepAliveMs: 12_000,
  maxUnsentBytes: 1024 * 1024,
}

/** The same as for a request body. */
const MAX_MESSAGE_BYTES = 100 * 1024
/** How long a peer may take to answer a closing handshake, in milliseconds. The types of `ws` lack this option. */
const closing = { closeTimeout: 1_000 }

/**
 * Serves WebSockets at /graphql on the same port as HTTP. Sockets are closed with 1001 before Fastify closes, because
 * Fastify would wait for them.
 * @returns a function that counts the open sockets.
 * @see PROTOCOL.md S17
 */
export function serveSockets(
  app: FastifyInstance,
  options: {
    readonly protocol: Server<Connection>
    readonly corsOrigins: readonly string[]
    readonly limits: SocketLimits
  },
): () => number {
  const { protocol, corsOrigins, limits } = options
  const sockets = new WebSocketServer({ noServer: true, handleProtocols, maxPayload: MAX_MESSAGE_BYTES, ...closing })
  const silent = new WeakSet<WebSocket>()
  let isClosing = false

  function whyRefused(request: IncomingMessage): [status: string, message: string, code: string] | null {
    if (request.url?.split('?', 1)[0] !== '/graphql')
      return ['404 Not Found', 'There is no WebSocket endpoint at this path.', 'NOT_FOUND']
    if (isClosing) return ['503 Service Unavailable', 'The server is stopping.', 'SERVICE_UNAVAILABLE']
    if (isAllowedOrigin(request.headers, corsOrigins)) return null
    return ['403 Forbidden', 'Pages of this origin may not open a WebSocket.', 'FORBIDDEN']
  }

  app.server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return declineUpgrade(app.server, request, socket, head)
    const refusal = whyRefused(request)
    if (refusal === null) return sockets.handleUpgrade(request, socket, head, connect)
    endWithError(socket, ...refusal)
  })

  function connect(socket: WebSocket): void {
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (read) =>
          socket.on('message', (data) => void read(String(data)).catch((error) => fail(socket, error))),
      },
      {
        close: (code, reason) => socket.close(code, reason),
        isOpen: () => socket.readyState === socket.OPEN,
      },
    )
    socket.on('pong', () => silent.delete(socket))
    // The message is malformed or too large: ws closes the socket with 1002, 1007 or 1009.
    socket.on('error', (error) => app.log.debug({ err: error }, 'socket failed'))
    socket.once('close', (code, reason) => {
      void closed(code, String(reason)).catch((error) => fail(socket, error))
    })
  }

  /** Settles when the data has been sent, so that events are not produced faster than the peer reads them. */
  function send(socket: WebSocket, data: string): Promise<void> {
    if (socket.bufferedAmount > limits.maxUnsentBytes) socket.terminate()
    return new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) resolve()
      else socket.send(data, (error) => (error ? reject(error) : resolve()))
    })
  }

  function fail(socket: WebSocket, error: unknown): void {
    // A peer that disconnects in the middle of a message is not an error.
    if (socket.readyState !== socket.OPEN) return
    app.log.error({ err: error }, 'socket message failed')
    socket.close(1011, 'Internal error')
  }

  const keepAlive = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket) || socket.bufferedAmount > limits.maxUnsentBytes) socket.terminate()
      silent.add(socket)
      socket.ping()
    }
  }, limits.keepAliveMs)

  app.addHook('preClose', async () => {
    isClosing = true
    clearInterval(keepAlive)
    for (const socket of sockets.clients) socket.close(1001, 'Going away')
    await new Promise((resolve) => sockets.close(resolve))
  })

  return () => sockets.clients.size
}
