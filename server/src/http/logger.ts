import type { FastifyServerOptions } from 'fastify'

export interface LoggerOptions {
  level: string
  /** Where lines go; standard output by default. */
  stream?: { write(line: string): void }
}

/**
 * Structured lines with a request id. Nothing secret can get in: of a request only the method, the path without its query
 * and the address are written, never headers, bodies or variables; of an error what it says, never the values it carries.
 * @see PROTOCOL.md S24
 */
export function loggerOptions({ level, stream }: LoggerOptions): Pick<FastifyServerOptions, 'logger' | 'genReqId'> {
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

/** By default everything in an error is written: of a failed statement its parameters, and the row that broke a rule. */
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
