import type { FastifyRequest } from 'fastify'
import type { Config } from '../../config.ts'

/** What an operator decides about all cookies. */
export type CookieSettings = Pick<Config, 'cookieName' | 'cookiePath' | 'cookieSecure'>

/**
 * A cookie for this host alone, which scripts cannot read. With the prefix `__Host-` browsers require Secure, Path=/ and no
 * Domain; with `__Secure-` only Secure.
 * @see RFC 6265bis §4.1.3
 */
export function hostCookie(name: string, { cookiePath: path, cookieSecure: secure }: CookieSettings) {
  const prefix = path === '/' ? '__Host-' : '__Secure-'
  const fullName = secure ? `${prefix}${name}` : name
  return {
    name: fullName,
    attributes: { path, httpOnly: true, sameSite: 'strict', secure } as const,
    /** All values that are not empty: browsers send one cookie per path and domain that has set one. */
    read: ({ headers, server }: FastifyRequest): string[] =>
      (headers.cookie ?? '').split(';').flatMap((pair) => server.parseCookie(pair)[fullName] || []),
  }
}
