import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RefreshCookie } from '../../graphql/context.ts'
import { type CookieSettings, hostCookie } from './host-cookie.ts'

/**
 * The refresh token in a cookie that scripts cannot read, and beside it a hint that they can read: the id of the user. It
 * tells a page whose own storage was deleted that its session continues. The server never reads it.
 * @see PROTOCOL.md S18
 */
export function createRefreshCookie(settings: CookieSettings) {
  const { name, attributes, read } = hostCookie(settings.cookieName, settings)
  const hint = hostCookie(`${settings.cookieName}-hint`, settings)
  const readable = { ...hint.attributes, httpOnly: false }
  return (request: FastifyRequest, reply: FastifyReply): RefreshCookie => ({
    read: () => read(request),
    set: ({ refreshToken, refreshTokenExpiresIn: maxAge, user }) => {
      reply
        .setCookie(name, refreshToken, { ...attributes, maxAge })
        .setCookie(hint.name, user.id, { ...readable, maxAge })
    },
    clear: () => {
      reply.clearCookie(name, attributes).clearCookie(hint.name, readable)
    },
  })
}
