import type { MutationResolvers } from '../generated.ts'
import { deliverTokens } from './deliver-tokens.ts'

/** The new token is delivered the way the old one was sent: as an argument in the body, as a cookie in the cookie. */
export const refreshToken: MutationResolvers['refreshToken'] = async (_parent, { refreshToken: given }, context) =>
  deliverTokens(
    await context.sessions.refresh(given ?? context.cookie.read(), context.origin),
    given == null ? 'COOKIE' : 'BODY',
    context,
  )

/**
 * Ends one session: that of the argument, else of the access token, else of the cookie. Never all three, because two apps
 * on one origin can hold different sessions. The cookie is cleared only with its own session.
 * @see PROTOCOL.md S14, S18
 */
export const logout: MutationResolvers['logout'] = async (_parent, { refreshToken: given }, context) => {
  const { identity, sessions, cookie } = context
  const inCookie = cookie.read()
  const cookieSession = inCookie === null ? null : sessions.sessionOf(inCookie)
  const named = given != null ? sessions.sessionOf(given) : null
  const ofAccessToken = 'claims' in identity ? identity.claims.sessionId : null
  const ended = named ?? ofAccessToken ?? (given != null ? null : cookieSession)
  if (ended !== null) await sessions.signOut(ended)
  if (inCookie !== null && (cookieSession === null || cookieSession === ended)) cookie.clear()
  return true
}
