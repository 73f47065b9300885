import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RefreshCookie } from '../../graphql/context.ts'
import { type CookieSettings, hostCookie } from './host-cookie.ts'

/** The refresh token in a cookie that scripts cannot read. @see PROTOCOL.md S18 */
export function createRefreshCookie(settings: CookieSettings) {
  const { name, attributes, read } = hostCookie(settings.cookieName, settings)
  return (request: FastifyRequest, reply: FastifyReply): RefreshCookie => ({
    read: () => read(request),
    set: ({ refreshToken, refreshTokenExpiresIn: maxAge }) => {
      reply.setCookie(name, refreshToken, { ...attributes, maxAge })
    },
    clear: () => {
      reply.clearCookie(name, attributes)
    },
  })
}
