import type { IssuedTokens } from '../../core/sessions/session-service.ts'
import type { GraphContext } from '../context.ts'

/** Returns the refresh token in the response body, or moves it to the cookie. @see PROTOCOL.md S18 */
export function deliverTokens(
  issued: IssuedTokens,
  transport: 'BODY' | 'COOKIE' | null | undefined,
  { cookie, answered }: GraphContext,
) {
  answered.add(issued.session.id)
  if (transport !== 'COOKIE') return issued
  cookie.set(issued.refreshToken, issued.refreshTokenExpiresIn)
  return { ...issued, refreshToken: null }
}
