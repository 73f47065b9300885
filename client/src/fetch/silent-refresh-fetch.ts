import { type Session, SessionEndedError } from '../session/index.ts'
import { PUBLIC_FIELDS } from '../transport/graphql-errors.ts'
import { isRefused } from './is-refused.ts'
import { readGraphqlRequest } from './read-graphql-request.ts'

/** Which requests need no access token. */
export interface SilentRefreshFetchOptions {
  /**
   * Whether a request needs no access token. Such a request carries none, never waits and never refreshes.
   * @default GraphQL operations whose root fields are all login, register, refreshToken or logout
   */
  readonly isPublic?: ((url: string, body: unknown) => boolean) | undefined
}

/**
 * A `fetch` with silent refresh, for any client that accepts one: `graphql-request`, generated SDKs, urql, REST.
 * Use it only for the server the session belongs to, because it adds the access token to every request.
 *
 * A stream as request body can be sent only once. If such a request is refused, the caller gets its 401, a `notReplayed`
 * event says why, and the next request has a valid token.
 * @throws SessionEndedError, RefreshFailedError as `session.getAccessToken` does
 * @see PROTOCOL.md C2–C5, C8–C10
 */
export function silentRefreshFetch(
  session: Session,
  send: typeof fetch = (...request) => fetch(...request),
  options: SilentRefreshFetchOptions = {},
): typeof fetch {
  return async (input, init) => {
    const owner = session.userId
    // Recognised by its shape: a polyfill or another realm has its own class, and the platform's may be missing.
    const request = typeof input === 'object' && 'clone' in input ? input : undefined
    const url = request?.url ?? String(input)
    const body = init?.body
    const text = typeof body === 'string' ? body : isJson(request) ? await request?.clone().text() : undefined
    const graphql = readGraphqlRequest(text)
    const isPublic =
      options.isPublic?.(url, body) ?? graphql?.rootFields.every((field) => PUBLIC_FIELDS.includes(field))
    if (isPublic) return send(input, init)

    const signal = init?.signal ?? request?.signal
    const spare = request?.clone()
    const ended = (): SessionEndedError => new SessionEndedError(session.endReason ?? 'REPLACED')
    const sendWith = async (token: string | null, target: typeof input): Promise<Response> => {
      const { epoch } = session
      if (owner && owner !== session.userId) throw ended()
      const headers = new Headers(init?.headers ?? request?.headers)
      if (token !== null) headers.set('authorization', `Bearer ${token}`)
      const response = await send(target, { ...init, headers })
      // C8: a slow answer must not deliver one user's data to the next.
      if (token === null || session.epoch === epoch) return response
      drop(response)
      throw ended()
    }

    const token = await session.getAccessToken({ signal })
    const response = await sendWith(token, input)
    // An upload or a persisted query may be a mutation; a GET never is.
    const isGet = /^get$/i.test(init?.method ?? request?.method ?? 'GET')
    const refused = token !== null && (await isRefused(response, graphql?.isMutation ?? !isGet))
    if (!refused) return response
    const operation = graphql?.operationName ? { operation: graphql.operationName } : {}
    const why = refused === 'didRun' ? 'didRun' : isOneShot(body) ? 'stream' : undefined
    if (why) {
      session.events.emit({ type: 'notReplayed', why, ...operation })
      if (why === 'stream') session.getAccessToken({ failed: token }).catch(() => {})
      return response
    }
    drop(response)
    const renewed = await session.getAccessToken({ failed: token, signal })
    session.events.emit({ type: 'replayed', ...operation })
    return sendWith(renewed, spare ?? input)
  }
}

/** Releases the connection of a response that nobody reads. */
const drop = ({ body }: Response): void => void body?.cancel().catch(() => {})

/** Whether a body can be read only once: web streams and Node streams. */
const isOneShot = (body: unknown): boolean =>
  body instanceof ReadableStream || (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)

const isJson = (request: Request | undefined): boolean =>
  request?.headers.get('content-type')?.includes('json') ?? false
