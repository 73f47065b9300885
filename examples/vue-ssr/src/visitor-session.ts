import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSession, graphqlTransport, type Session } from '@silent-refresh/client'

/**
 * The session of the visitor who requests a page, for that page alone.
 * @param url the API's
 * @param options the API's `COOKIE_NAME`, and how long the page may wait for an answer
 */
export async function visitorSession(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  { cookieName = 'refresh-token', timeoutMs = 3_000 } = {},
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
  // The cookie is spent once per page: a later refresh would present a token that has been replaced.
  const refresh = () => Promise.reject(Object.assign(new Error('Refreshed already'), { retryAfterMs: 60_000 }))
  const session = createSession({ transport: { ...transport, refresh } })
  response.once('close', session.dispose)
  // The hint beside the refresh cookie, which a sign-out in the browser removes even if it does not reach the API.
  const hints = ['', '__Host-', '__Secure-'].map((prefix) => `${prefix}${cookieName}-hint=`)
  if (cookie.split('; ').some((one) => hints.some((hint) => one.startsWith(hint)))) {
    const grant = transport.refresh({ refreshToken: null, signal: AbortSignal.timeout(timeoutMs) })
    await grant.then(session.accept).catch(() => {}) // no answer, or signed out: the page is a visitor's
  }
  return session
}
