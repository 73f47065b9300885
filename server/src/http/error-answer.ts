import type { Duplex } from 'node:stream'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/** Every refusal of ours has the form of a GraphQL error, also where no GraphQL was reached. */
export function errorBody(message: string, code: string) {
  return { errors: [{ message, extensions: { code } }] }
}

/** How long a peer may take to close its side of a connection that we have ended, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000

/** The same where there is only a socket, and the end of it. @param status as on the status line */
export function endWithError(socket: Duplex, status: string, message: string, code: string): void {
  const body = JSON.stringify(errorBody(message, code))
  socket.on('error', () => {}) // gone already
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
  // A peer that never closes would else keep it for ever, and hold up our own end.
  const cut = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS)
  socket.once('close', () => clearTimeout(cut))
}

const messages: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than 100 kB.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send JSON with the header "Content-Type: application/json".',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as its Content-Length says.',
}

/** Answers what Fastify refused or what broke outside GraphQL; causes of the latter go to the log and not to the client. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const status = error.statusCode ?? 500
  if (status >= 500) {
    request.log.error({ err: error }, 'request failed')
    return reply.status(500).send(errorBody('Something went wrong on the server.', 'INTERNAL_SERVER_ERROR'))
  }
  const message = messages[error.code] ?? (error instanceof SyntaxError ? 'The body is not valid JSON.' : error.message)
  return reply.status(status).send(errorBody(message, 'BAD_REQUEST'))
}
