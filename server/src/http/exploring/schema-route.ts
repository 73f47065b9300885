import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../../config.ts'
import { errorBody } from '../error-answer.ts'

/** Browsers show plain text and would download `application/graphql`. Code generators read only the name of the file. */
const CONTENT_TYPE = 'text/plain; charset=utf-8'

/** Serves the text of the schema at /schema.graphql, for code generators; or says which setting publishes it. */
export function serveSchema(app: FastifyInstance, typeDefs: string, { publishSchema }: Config): void {
  const digest = createHash('sha256').update(typeDefs).digest('base64url')
  // A strong tag stands for these exact bytes, so each encoding has its own.
  const plain = { body: Buffer.from(typeDefs), etag: `"${digest}"`, encoding: undefined }
  const zipped = { body: gzipSync(typeDefs), etag: `"${digest}-gzip"`, encoding: 'gzip' }

  app.get('/schema.graphql', (request, reply) => {
    if (!publishSchema) {
      return reply
        .status(404)
        .send(errorBody('The schema is not published. PUBLISH_SCHEMA=true publishes it.', 'NOT_FOUND'))
    }
    const { body, etag, encoding } = acceptsGzip(request.headers['accept-encoding']) ? zipped : plain
    reply.headers({ etag, vary: 'accept-encoding, origin', 'cache-control': 'no-cache' })
    if (isCurrent(request.headers['if-none-match'], etag)) return reply.status(304).send()
    if (encoding !== undefined) reply.header('content-encoding', encoding)
    return reply.type(CONTENT_TYPE).send(body)
  })
}

const acceptsGzip = (header: string | string[] | undefined) =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(header ?? ''))

/** Whether the client has this version. A proxy may have weakened the tag. @see RFC 9110 §13.1.2 */
const isCurrent = (header: string | undefined, etag: string) =>
  (header ?? '').split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
