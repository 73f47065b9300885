import type { Duplex } from 'node:stream'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AuthError, type ErrorCode, type ErrorDetails } from '../errors.ts'

/** All errors have the form of a GraphQL error, even when the request never reached GraphQL. */
export function errorBody(message: string, code: string, details: ErrorDetails = {}) {
  return { errors: [{ message, extensions: { code, ...details } }] }
}

/** How long a peer may take to close a connection after we have ended our side, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000

/** Sends such an error over a bare socket and closes it. @param status code and text, as on the status line */
export function endWithError(socket: Duplex, status: string, message: string, code: string): void {
  const body = JSON.stringify(errorBody(message, code))
  socket.on('error', () => {}) // the peer has disconnected
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
  // Otherwise a peer that never closes would keep the connection open and delay our shutdown.
  const cut = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS)
  socket.once('close', () => clearTimeout(cut))
}

const messages: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than 100 kB.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send JSON with the header "Content-Type: application/json".',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The length of the body does not match its Content-Length.',
}

/** The status of a refusal outside GraphQL. */
const statuses: Record<ErrorCode, number> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  INVALID_CREDENTIALS: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
}

function answerRefusal({ code, message, details, cause }: AuthError, request: FastifyRequest, reply: FastifyReply) {
  if (cause !== undefined) request.log.error({ err: cause }, 'request failed')
  if (details.retryAfterSeconds !== undefined) reply.header('retry-after', details.retryAfterSeconds)
  return reply.status(statuses[code]).send(errorBody(message, code, details))
}

/** Answers requests that were refused or that failed outside GraphQL. The cause of a failure is only logged. */
export function answerError(error: FastifyError | AuthError, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof AuthError) return answerRefusal(error, request, reply)
  const status = error.statusCode ?? 500
  if (status >= 500) {
    request.log.error({ err: error }, 'request failed')
    return reply.status(500).send(errorBody('Something went wrong on the server.', 'INTERNAL_SERVER_ERROR'))
  }
  const message = messages[error.code] ?? (error instanceof SyntaxError ? 'The body is not valid JSON.' : error.message)
  return reply.status(status).send(errorBody(message, 'BAD_REQUEST'))
}

export function answerNotFound({ method, url }: FastifyRequest, reply: FastifyReply) {
  return reply.status(404).send(errorBody(`There is nothing at ${method} ${url.split('?', 1)[0]}.`, 'NOT_FOUND'))
}
