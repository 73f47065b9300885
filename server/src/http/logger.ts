import type { FastifyServerOptions } from 'fastify'

export interface LogStream {
  write(line: string): void
}

/**
 * Structured log lines with a request id. They contain no secrets: of a request only the method, the path without its
 * query and the address are logged, never headers, bodies or variables; of an error its message, never the values in it.
 * @param stream where lines go; standard output by default.
 * @see PROTOCOL.md S24
 */
export function loggerOptions(level: string, stream?: LogStream): Pick<FastifyServerOptions, 'logger' | 'genReqId'> {
  return {
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
