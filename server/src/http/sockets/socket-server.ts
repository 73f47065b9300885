import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { handleProtocols, type Server } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Connection } from '../../graphql/subscription-server.ts'
import { endWithError } from '../error-answer.ts'
import { isAllowedOrigin } from './allowed-origin.ts'
import { declineUpgrade } from './decline-upgrade.ts'

/** How much a socket may. Durations in milliseconds. @see PROTOCOL.md S17 */
export interface SocketLimits {
  /** Sockets of one session at a time: as many tabs. */
  perSession: number
  /** Subscriptions of one socket at a time. */
  subscriptions: number
  /** How long a socket may take to say who it is. */
  initTimeoutMs: number
  /** How often a peer must show that it lives. */
  keepAliveMs: number
  /** What may wait for a peer that reads slowly; beyond it the socket is cut. */
  unsentBytes: number
}

export const socketLimits: SocketLimits = {
  perSession: 20,
  subscriptions: 10,
  initTimeoutMs: 3_000,
  keepAliveMs: 12_000,
  unsentBytes: 1024 * 1024,
}

/** As of a request's body. */
const MESSAGE_BYTES = 100 * 1024
/** How long a peer may take to answer a closing handshake, in milliseconds. Not yet among the types of `ws`. */
const closing = { closeTimeout: 1_000 }

/**
 * WebSockets at /graphql, on the port of everything else. They close with 1001 before Fastify does, which would wait for
 * them.
 * @returns how many sockets are open.
 * @see PROTOCOL.md S17
 */
export function serveSockets(
  app: FastifyInstance,
  {
    protocol,
    corsOrigins,
    limits,
  }: { protocol: Server<Connection>; corsOrigins: readonly string[]; limits: SocketLimits },
): () => number {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: MESSAGE_BYTES,
    ...closing,
  })
  const silent = new WeakSet<WebSocket>()
  let isClosing = false

  function whyRefused(request: IncomingMessage): [status: string, message: string, code: string] | null {
    if (request.url?.split('?', 1)[0] !== '/graphql') return ['404 Not Found', 'There is no socket here.', 'NOT_FOUND']
    if (isClosing) return ['503 Service Unavailable', 'The server is stopping.', 'SERVICE_UNAVAILABLE']
    if (isAllowedOrigin(request.headers, corsOrigins)) return null
    return ['403 Forbidden', 'Pages of this origin may not open a socket.', 'FORBIDDEN']
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
    // What is no WebSocket message or too large: the socket closes by itself, with 1002, 1007 or 1009.
    socket.on('error', (error) => app.log.debug({ err: error }, 'socket failed'))
    socket.once('close', (code, reason) => {
      void closed(code, String(reason)).catch((error) => fail(socket, error))
    })
  }

  /** Settles when the data has gone out, so that events are not taken faster than the peer reads. */
  function send(socket: WebSocket, data: string): Promise<void> {
    if (socket.bufferedAmount > limits.unsentBytes) socket.terminate()
    return new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) resolve()
      else socket.send(data, (error) => (error ? reject(error) : resolve()))
    })
  }

  function fail(socket: WebSocket, error: unknown): void {
    // A peer that went away in the middle of a message is no failure of ours.
    if (socket.readyState !== socket.OPEN) return
    app.log.error({ err: error }, 'socket message failed')
    socket.close(1011, 'Internal error')
  }

  const keepAlive = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket) || socket.bufferedAmount > limits.unsentBytes) socket.terminate()
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
