import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSession, graphqlTransport, type Session } from '../../src/index.ts'

// The example of the README: a test compares them.

export async function visitorSession(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
): Promise<Session> {
  const { cookie = '' } = request.headers
  const transport = graphqlTransport({
    url,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('cookie', cookie) // the visitor's
      return fetch(input, { ...init, headers })
    },
    onSetCookie: (cookies) => {
      for (const one of cookies) response.appendHeader('set-cookie', one) // before the first byte of the page
    },
  })
  const session = createSession({ transport })
  if (cookie.includes('refresh-token=')) {
    const grant = transport.refresh({ refreshToken: null, signal: AbortSignal.timeout(3_000) })
    await grant.then(session.accept).catch(() => {}) // no answer, or signed out: render as for a signed-out visitor
  }
  return session // dispose of it after the page
}
