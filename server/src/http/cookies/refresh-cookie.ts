import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RefreshCookie } from '../../graphql/context.ts'
import { hostCookie } from './host-cookie.ts'

/** The refresh token in a cookie that scripts cannot read. @see PROTOCOL.md S18 */
export function createRefreshCookie(secure: boolean) {
  const { name, attributes } = hostCookie('refresh-token', secure)
  return (request: FastifyRequest, reply: FastifyReply): RefreshCookie => ({
    read: () => request.cookies[name] || null,
    set: (refreshToken, maxAgeSeconds) => {
      reply.setCookie(name, refreshToken, { ...attributes, maxAge: maxAgeSeconds })
    },
    clear: () => {
      reply.clearCookie(name, attributes)
    },
  })
}
