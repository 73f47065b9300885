import type { FastifyServerOptions } from 'fastify'

export interface LoggerOptions {
  level: string
  /** Where lines go; standard output by default. */
  stream?: { write(line: string): void }
}

/**
 * Structured lines with a request id. Nothing secret can get in: of a request only the method, the path without its query
 * and the address are written, never headers, bodies or variables.
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
      },
    },
  }
}
