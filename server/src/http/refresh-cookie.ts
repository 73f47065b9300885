import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RefreshCookie } from '../graphql/context.ts'

/**
 * The refresh token in a cookie that scripts cannot read. With the prefix `__Host-` browsers require Secure, Path=/ and no
 * Domain.
 * @see RFC 6265bis §4.1.3, PROTOCOL.md S18
 */
export function createRefreshCookie(secure: boolean) {
  const name = secure ? '__Host-refresh-token' : 'refresh-token'
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
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
