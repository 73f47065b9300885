import { type FastifyReply, type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify'
import { describeError } from './describe-error.ts'

export interface LogStream {
  write(line: string): void
}

/** All, with a line each; or only those that failed or were slow. */
export type LoggedRequests = 'all' | 'notable'

/** A request that takes longer is logged even if it succeeds. Milliseconds. */
const SLOW_REQUEST_MS = 1_000

/** Logged and counted for a request whose connection closed before its response was complete, as in nginx. */
export const ABORTED_STATUS = 499

/**
 * Structured log lines with a request id. They contain no secrets: of a request only the method, the path without its
 * query and the address are logged, never headers, bodies or variables; of an error its message, never the values in it.
 * @param stream where lines go; standard output by default.
 * @param requestLog writes the lines about requests.
 * @see PROTOCOL.md S24
 */
export function loggerOptions(
  level: string,
  requestLog: RequestLog,
  stream?: LogStream,
): Pick<FastifyServerOptions, 'logger' | 'genReqId' | 'logController'> {
  return {
    logController: requestLog,
    genReqId: () => crypto.randomUUID(),
    logger: {
      level,
      ...(stream && { stream }),
      serializers: {
        req: (request) => ({
          method: request.method,
          path: request.url?.split('?', 1)[0],
          remoteAddress: request.ip,
        }),
        res: (reply) => ({ statusCode: reply.statusCode }),
        err: describeError,
      },
    },
  }
}

export const createRequestLog = (requests: LoggedRequests): RequestLog =>
  requests === 'notable' ? new NotableRequests() : new AllRequests()

/** Writes the line of each request when it has ended. Fastify's own lines about requests are turned off. */
export abstract class RequestLog extends LogController {
  /** The response has been handed over completely. */
  abstract answered(request: FastifyRequest, reply: FastifyReply): void

  /** The connection has closed before that, mostly because the client gave up. */
  abstract aborted(request: FastifyRequest, reply: FastifyReply): void

  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, _request: FastifyRequest, reply: FastifyReply): void {
    if (error) reply.log.error({ err: error }, 'response failed')
  }

  override streamError(error: Error & { code?: string }, request: FastifyRequest, reply: FastifyReply): void {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') super.streamError(error, request, reply)
  }
}

class AllRequests extends RequestLog {
  override answered(request: FastifyRequest, reply: FastifyReply): void {
    reply.log.info({ req: request, res: reply, responseTime: reply.elapsedTime }, 'request completed')
  }

  override aborted(request: FastifyRequest, reply: FastifyReply): void {
    const res = { statusCode: ABORTED_STATUS }
    reply.log.info({ req: request, res, responseTime: reply.elapsedTime }, 'request aborted')
  }
}

/** One line for a request that failed, was aborted or was slow, with all that it needs in the message. Others appear at level debug. */
export class NotableRequests extends RequestLog {
  override answered(request: FastifyRequest, reply: FastifyReply): void {
    const { log } = request
    const ms = Math.round(reply.elapsedTime)
    const message = `${describeRequest(request)} answered ${reply.statusCode} in ${ms} ms`
    if (reply.statusCode >= 500) log.error(message)
    else if (ms > SLOW_REQUEST_MS) log.warn(message)
    else log.debug(message)
  }

  override aborted(request: FastifyRequest, reply: FastifyReply): void {
    request.log.warn(`${describeRequest(request)} aborted after ${Math.round(reply.elapsedTime)} ms`)
  }
}

const describeRequest = ({ method, url }: Pick<FastifyRequest, 'method' | 'url'>) => `${method} ${url.split('?', 1)[0]}`
