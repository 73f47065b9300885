import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RefreshCookie } from '../../graphql/context.ts'

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

/**
 * The name and attributes of a cookie for this host alone, which scripts cannot read. With the prefix `__Host-` browsers
 * require Secure, Path=/ and no Domain.
 * @see RFC 6265bis §4.1.3
 */
export function hostCookie(name: string, secure: boolean) {
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  return { name: secure ? `__Host-${name}` : name, attributes }
}
