import type { SignedIn } from '../../core/password/password-service.ts'
import type { IssuedTokens } from '../../core/sessions/session-service.ts'
import type { GraphContext } from '../context.ts'
import type { MutationResolvers } from '../generated.ts'

export const register: MutationResolvers['register'] = async (_parent, { input }, context) =>
  deliverSignIn(await context.passwords.signUp(input, requestOf(context)), input.tokenTransport, context)

export const login: MutationResolvers['login'] = async (_parent, { input }, context) =>
  deliverSignIn(await context.passwords.signIn(input, requestOf(context)), input.tokenTransport, context)

const requestOf = ({ origin, deviceCookie, signal }: GraphContext) => ({
  ...{ origin, signal },
  keptTokens: deviceCookie.read(),
})

/** The new token is delivered the way the old one was sent: as an argument in the body, as a cookie in the cookie. */
export const refreshToken: MutationResolvers['refreshToken'] = async (_parent, { refreshToken: given }, context) =>
  deliverTokens(
    await context.sessions.refresh(given ?? context.cookie.read(), context.origin),
    given == null ? 'COOKIE' : 'BODY',
    context,
  )

/**
 * Ends one session: that of the argument, else of the access token, else of the cookie. Never all three, because two apps
 * on one origin can hold different sessions. The cookie is cleared only with its own session: another deployment on this
 * host may have set it.
 * @see PROTOCOL.md S14, S18
 */
export const logout: MutationResolvers['logout'] = async (_parent, { refreshToken: given }, context) => {
  const { identity, sessions, cookie } = context
  const inCookie = sessions.sessionOf(cookie.read())
  const named = given != null ? sessions.sessionOf(given) : null
  const ofAccessToken = 'claims' in identity ? identity.claims.sessionId : null
  const ended = named ?? ofAccessToken ?? (given != null ? null : inCookie)
  if (ended !== null) await sessions.signOut(ended)
  if (ended !== null && ended === inCookie) cookie.clear()
  return true
}

/** Whatever the transport, the device gets the cookie by which it is recognised the next time. @see PROTOCOL.md S19 */
function deliverSignIn({ deviceToken, ...issued }: SignedIn, transport: Transport, context: GraphContext) {
  context.deviceCookie.set(deviceToken)
  return deliverTokens(issued, transport, context)
}

type Transport = 'BODY' | 'COOKIE' | null | undefined

/** Returns the refresh token in the response body, or moves it to the cookie. @see PROTOCOL.md S18 */
function deliverTokens(issued: IssuedTokens, transport: Transport, { cookie, answered }: GraphContext) {
  answered.add(issued.session.id)
  if (transport !== 'COOKIE') return issued
  cookie.set(issued)
  return { ...issued, refreshToken: null }
}
