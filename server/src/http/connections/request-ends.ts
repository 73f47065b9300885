import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export interface RequestEnds {
  /** The response has been handed over completely. */
  readonly onAnswered: (request: FastifyRequest, reply: FastifyReply) => void
  /** The connection has closed before that. */
  readonly onAborted: (request: FastifyRequest, reply: FastifyReply) => void
}

/**
 * Calls exactly one of the listeners, once, for each request. It watches the connection, because only its end is always
 * reported: the events of a request cover its body only, and those of a response only the current one, not a pipelined one
 * that waits for an earlier one.
 * @returns a function that starts watching a request for which Fastify runs no hooks.
 */
export function watchRequestEnds(
  app: FastifyInstance,
  { onAnswered, onAborted }: RequestEnds,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const openReplies = new WeakMap<Socket, Set<FastifyReply>>()

  function begin(request: FastifyRequest, reply: FastifyReply): void {
    const { socket } = request.raw
    let open = openReplies.get(socket)
    if (open === undefined) {
      const replies = new Set<FastifyReply>()
      openReplies.set(socket, replies)
      void socket.remoteAddress // Node keeps it from now on; it cannot be read once the socket has closed
      socket.once('close', () => {
        for (const unanswered of replies) onAborted(unanswered.request, unanswered)
        replies.clear()
      })
      open = replies
    }
    open.add(reply)
  }

  function end(request: FastifyRequest, reply: FastifyReply): void {
    const { socket } = request.raw
    if (!openReplies.get(socket)?.delete(reply)) return
    // What waits to be sent when the connection breaks counts as finished for Node.
    if (socket.destroyed) onAborted(request, reply)
    else onAnswered(request, reply)
  }

  app.addHook('onRequest', (request, reply, done) => {
    begin(request, reply)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    end(request, reply)
    done()
  })
  return (request, reply) => {
    begin(request, reply)
    reply.raw.once('finish', () => end(request, reply))
  }
}
