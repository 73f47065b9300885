import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Lets go of connections on which nothing ever came, as browsers open them ahead of time, when the server stops: Node
 * takes them for busy, so they would hold it up until what hangs is cut. To be called last: new ones then find the port
 * closed.
 * @see https://github.com/nodejs/node/issues/63452, for Node before it was mended there
 */
export function closeUnusedConnections(app: FastifyInstance): void {
  const connections = new Set<Socket>()
  app.server.on('connection', (socket) => {
    if (connections.has(socket)) return // one whose upgrade was declined comes again
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  app.addHook('preClose', async () => {
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  })
}
