import { type Session, SessionEndedError } from '../session/index.ts'
import { readGraphqlRequest } from './read-graphql-request.ts'
import { drop, type RefusalOptions, readRefusedResponse } from './read-refused-response.ts'

export type { GraphqlErrorLike, IsUnauthenticated } from '../transport/graphql-errors.ts'

/** Which requests need no access token, and which answers refuse it. */
export interface SilentRefreshFetchOptions extends RefusalOptions {
  /**
   * Whether a request needs no access token. Such a request carries none, never waits and never refreshes. Receives the URL
   * and `init.body`, so no body for a `Request`; `undefined` leaves the decision to the default.
   * @default GraphQL operations whose root fields are all login, register, refreshToken or logout, and persisted ones whose
   * name is one of these (`Login`). A `Request` is read only when it would have to wait; otherwise it carries the token.
   */
  readonly isPublic?: ((url: string, body: unknown) => boolean | undefined) | undefined
  /**
   * Whether a GraphQL error means that the access token was refused; `undefined` leaves the decision to the default.
   * @default `UNAUTHENTICATED` and unmistakable codes such as `invalid-jwt` and `TOKEN_EXPIRED`
   */
  readonly isUnauthenticated?: RefusalOptions['isUnauthenticated']
  /**
   * Whether a response means that the access token was refused; `undefined` leaves the decision to the default. Receives a
   * copy that it may read. The caller gets the response afterwards, so do not read a stream to its end.
   * @default HTTP 401, unless the code in its JSON says otherwise (`WRONG_PASSWORD`), and what `isUnauthenticated` says
   */
  readonly isRefused?: RefusalOptions['isRefused']
}

/**
 * A `fetch` with silent refresh, for any client that accepts one: `graphql-request`, generated SDKs, urql, REST.
 * Use it only for the server the session belongs to, because it adds the access token to every request. With a good token,
 * the request is sent in the same turn of the event loop, so that it leaves even if the page does.
 *
 * A stream as request body can be sent only once. If such a request is refused, the caller gets its 401, a `notReplayed`
 * event says why, and the next request has a valid token.
 *
 * If the session's transport has `credentials: 'include'`, so has every request to its server that has no `credentials` of
 * its own, the sign-in included.
 * @throws SessionEndedError, RefreshFailedError as `session.getAccessToken` does; TypeError when the URL is another server's
 * @see PROTOCOL.md C2–C5, C8–C10, C17
 */
export function silentRefreshFetch(
  session: Session,
  send: typeof fetch = (...request) => fetch(...request),
  options: SilentRefreshFetchOptions = {},
): typeof fetch {
  let isReady = false
  void session.ready.then(() => {
    isReady = true
  })

  return async (input, given) => {
    const owner = session.userId
    // Recognised by its shape: a polyfill or another realm has its own class, and the platform's may be missing.
    const request = typeof input === 'object' && 'clone' in input ? input : undefined
    const url = request?.url ?? String(input)
    // A Request without credentials of its own says `same-origin`.
    const isOwn = given?.credentials || request?.credentials === 'omit'
    const credentials = isOwn ? undefined : session.credentialsFor(url)
    const init = credentials ? { ...given, credentials } : given
    const body = init?.body
    const givenPublic = options.isPublic?.(url, body)
    if (givenPublic) return send(input, init)

    // A copy to read and to send again. The original still outlives its page if it has `keepalive`.
    const spare = request?.clone()
    let graphql = readGraphqlRequest(typeof body === 'string' ? body : undefined)
    const readSpare = async (): Promise<void> => {
      if (spare && !body && isJson(spare)) graphql = readGraphqlRequest(await spare.clone().text())
    }
    const isPublic = (): boolean => givenPublic ?? graphql?.isPublic ?? false
    // Reading takes more than this turn, in which the page may be left. It is needed only if a `login` might have to wait.
    const mayWait = session.accessTokenExpiresInMs === null && !(isReady && session.userId === null)
    if (mayWait) await readSpare()
    if (isPublic()) return send(input, init)

    const signal = init?.signal ?? request?.signal
    const ended = (): SessionEndedError => new SessionEndedError(session.endReason ?? 'REPLACED')
    const sendWith = async (token: string | null, target: typeof input): Promise<Response> => {
      const { epoch } = session
      if (owner && owner !== session.userId) throw ended()
      if (token === null) return send(target, init)
      session.checkUrl(url, graphql ? 'graphql' : 'other')
      const headers = withToken(init?.headers ?? request?.headers ?? {}, token)
      const response = await send(target, { ...init, headers })
      // C8: a slow answer must not deliver one user's data to the next.
      if (session.epoch === epoch) return response
      drop(response)
      throw ended()
    }

    const token = await session.getAccessToken({ signal })
    const response = await sendWith(token, input)
    const refusal = token === null ? undefined : await readRefusedResponse(response, options)
    if (!refusal) return response
    if (!mayWait) await readSpare()
    if (isPublic()) return response
    // An upload or a persisted query may be a mutation; a GET never is.
    const isGet = /^get$/i.test(init?.method ?? request?.method ?? 'GET')
    const hasRun = refusal.didRun && (graphql?.isMutation ?? !isGet)
    const operation = graphql?.operationName ? { operation: graphql.operationName } : {}
    const why = hasRun ? 'didRun' : isOneShot(body) ? 'stream' : undefined
    const failed = { failed: token, reason: refusal.reason }
    if (why) {
      session.events.emit({ type: 'notReplayed', why, ...operation })
      if (why === 'stream') session.getAccessToken(failed).catch(() => {})
      return response
    }
    drop(response)
    const renewed = await session.getAccessToken({ ...failed, signal })
    session.events.emit({ type: 'replayed', ...operation })
    return sendWith(renewed, spare ?? input)
  }
}

/** The headers of a request, and the token. Some runtimes have no class for them. */
function withToken(given: HeadersInit, token: string): HeadersInit {
  const authorization = `Bearer ${token}`
  if (typeof Headers === 'undefined') {
    const pairs = Symbol.iterator in given ? [...(given as Iterable<[string, string]>)] : Object.entries(given)
    return { ...Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])), authorization }
  }
  const headers = new Headers(given)
  headers.set('authorization', authorization)
  return headers
}

/** Whether a body can be read only once: streams of the web and of Node, by their shape. */
const isOneShot = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && ('getReader' in body || 'pipe' in body || Symbol.asyncIterator in body)

const isJson = ({ headers }: Request): boolean => headers.get('content-type')?.includes('json') ?? false
