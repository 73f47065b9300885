import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSession, graphqlTransport, type Session, SessionEndedError } from '@silent-refresh/client'

/** The session of the visitor who requests a page, for that page alone. `url` is the API's. */
export async function visitorSession(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  cookieName = 'refresh-token',
): Promise<Session> {
  const { cookie = '', 'user-agent': agent = '', 'x-forwarded-for': proxies = '' } = request.headers
  const transport = graphqlTransport({
    url,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('cookie', cookie)
      // The API shows them in the list of devices. It believes the address only if TRUST_PROXY says so.
      headers.set('user-agent', agent)
      headers.set('x-forwarded-for', [proxies, request.socket.remoteAddress].filter(Boolean).join(', '))
      return fetch(input, { ...init, headers })
    },
    onSetCookie: (cookies) => {
      for (const one of cookies) response.appendHeader('set-cookie', one) // before the first byte of the page
    },
  })
  // The cookie is spent once: a second refresh would present a token that is no longer the visitor's.
  const refresh = () => Promise.reject(new SessionEndedError('REFRESH_TOKEN_MISSING'))
  const session = createSession({ transport: { ...transport, refresh } })
  response.once('close', session.dispose)
  // The hint beside the refresh cookie, which a sign-out in the browser removes even if it does not reach the API.
  if (new RegExp(`(^|; )(__Host-|__Secure-)?${cookieName}-hint=`).test(cookie)) {
    const grant = transport.refresh({ refreshToken: null, signal: AbortSignal.timeout(3_000) })
    await grant.then(session.accept).catch(() => {}) // no answer, or signed out: the page is a visitor's
  }
  return session
}
