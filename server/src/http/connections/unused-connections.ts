import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * When the server stops, closes connections that never carried a request, which browsers open in advance. Node treats them
 * as active and would wait for them. Call this after all other setup: later connections then find the port closed.
 * @see https://github.com/nodejs/node/issues/63452, for versions of Node without the fix
 */
export function closeUnusedConnections(app: FastifyInstance): void {
  const connections = new Set<Socket>()
  app.server.on('connection', (socket) => {
    if (connections.has(socket)) return // emitted again when an upgrade was declined
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  app.addHook('preClose', async () => {
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  })
}
