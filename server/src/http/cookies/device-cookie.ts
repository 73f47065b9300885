import type { FastifyReply, FastifyRequest } from 'fastify'
import type { DeviceCookie } from '../../graphql/context.ts'
import { type CookieSettings, hostCookie } from './host-cookie.ts'

/** 400 days, the longest that browsers allow. @see RFC 6265bis §5.5 */
const MAX_AGE_SECONDS = 400 * 86_400

/** The cookie by which a device is recognised when it signs in again. Sign-out does not clear it. @see PROTOCOL.md S19 */
export function createDeviceCookie(settings: CookieSettings) {
  const { name, attributes, read } = hostCookie(deviceCookieName(settings), settings)
  return (request: FastifyRequest, reply: FastifyReply): DeviceCookie => ({
    read: () => read(request),
    set: (deviceToken) => {
      reply.setCookie(name, deviceToken, { ...attributes, maxAge: MAX_AGE_SECONDS })
    },
  })
}

/** With the default name it stays `device`, so that devices that have such a cookie are still recognised. */
const deviceCookieName = ({ cookieName }: CookieSettings) =>
  cookieName === 'refresh-token' ? 'device' : `${cookieName}-device`
