import { type FastifyReply, type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify'

export interface LogStream {
  write(line: string): void
}

/** All, with a line each; or only those that failed or were slow. */
export type LoggedRequests = 'all' | 'notable'

/** A request that takes longer is logged even if it succeeds. Milliseconds. */
const SLOW_REQUEST_MS = 1_000

/**
 * Structured log lines with a request id. They contain no secrets: of a request only the method, the path without its
 * query and the address are logged, never headers, bodies or variables; of an error its message, never the values in it.
 * @param stream where lines go; standard output by default.
 * @param requests which requests are logged.
 * @see PROTOCOL.md S24
 */
export function loggerOptions(
  level: string,
  stream?: LogStream,
  requests: LoggedRequests = 'all',
): Pick<FastifyServerOptions, 'logger' | 'genReqId' | 'logController'> {
  return {
    logController: requests === 'notable' ? new NotableRequests() : new AllRequests(),
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

/** The default serializer logs every property: the parameters of a failed statement, the row that violated a constraint. */
function describeError(error: unknown): { type: string; message: string; stack: string; [more: string]: unknown } {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: '' }
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return {
    type: error.constructor.name,
    message: error.message,
    stack: error.stack ?? '',
    ...(typeof code === 'string' && { code }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  }
}

/** One line for each request when it has been answered. */
class AllRequests extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = { req: request, res: reply, responseTime: reply.elapsedTime }
    if (error) reply.log.error({ ...line, err: error }, 'request errored')
    else reply.log.info(line, 'request completed')
  }
}

/** One line for a request that failed or was slow, with all that it needs in the message. Others appear at level debug. */
export class NotableRequests extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const { log } = request
    const ms = Math.round(reply.elapsedTime)
    const message = `${describeRequest(request)} answered ${reply.statusCode} in ${ms} ms`
    if (error) log.error({ err: error }, message)
    else if (reply.statusCode >= 500) log.error(message)
    else if (ms > SLOW_REQUEST_MS) log.warn(message)
    else log.debug(message)
  }
}

/** For a client that has disconnected before it got its answer. */
export async function logAborted(request: FastifyRequest): Promise<void> {
  request.log.warn(`${describeRequest(request)} aborted by the client`)
}

const describeRequest = ({ method, url }: Pick<FastifyRequest, 'method' | 'url'>) => `${method} ${url.split('?', 1)[0]}`
