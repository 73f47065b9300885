import type { ClientOptions } from 'graphql-ws'
import { RefreshFailedError, type Session, SessionEndedError } from '../session/index.ts'

/** The server ends a socket with it when the access token has expired or the session is over. @see PROTOCOL.md S17 */
const FORBIDDEN = 4403
/** A socket that lived less than this was not ended by expiry. */
const SHORT_LIFE_MS = 1_000

/**
 * Options for `createClient` of `graphql-ws`, with subscriptions that outlive the access token: the socket gets a good
 * token before it connects, connects anew at once when the token was renewed or the server closed it with 4403, and
 * its subscriptions go on by themselves. When the session ends, they end with `SessionEndedError`.
 *
 * The token travels in `connection_init` as `{ authorization: 'Bearer …' }`, beside your own `connectionParams`.
 * @see PROTOCOL.md C13
 */
export function silentRefreshSocket(session: Session, options: ClientOptions): ClientOptions {
  const { url, connectionParams, shouldRetry, retryWait, retryAttempts = 5, on } = options
  let used: string | null = null
  let refused: string | null = null
  let next: Promise<string | null> = Promise.resolve(null)
  let connectedAt = 0
  let goesOnAtOnce = false
  let stopWatching = (): void => {}

  return {
    ...options,
    // Zero would leave nothing to go on with; an expiry never uses one up, since a connection that is made counts anew.
    retryAttempts: Math.max(1, retryAttempts),

    // Before the socket opens: servers close a socket that does not say soon who it is.
    async url() {
      next = session.getAccessToken({ failed: refused })
      refused = null
      await next.catch(() => {})
      return typeof url === 'function' ? url() : url
    },

    async connectionParams() {
      used = await next
      const given = typeof connectionParams === 'function' ? await connectionParams() : connectionParams
      return used === null ? given : { ...given, authorization: `Bearer ${used}` }
    },

    shouldRetry: (error) =>
      error instanceof RefreshFailedError ||
      (!(error instanceof SessionEndedError) && (shouldRetry?.(error) ?? isCloseEvent(error))),

    async retryWait(retries) {
      if (goesOnAtOnce) goesOnAtOnce = false
      else await (retryWait ?? backoff)(retries)
    },

    on: {
      ...on,
      connected(socket, payload, wasRetry) {
        connectedAt = performance.now()
        stopWatching()
        // Ahead of expiry: as soon as the session has another token. A normal closure is no failure to graphql-ws.
        stopWatching = watch(session, used, () => (socket as WebSocket).close(1000, 'Token renewed'))
        on?.connected?.(socket, payload, wasRetry)
      },
      closed(event) {
        stopWatching()
        goesOnAtOnce = false
        if ((event as CloseEvent).code === FORBIDDEN) {
          refused = used
          goesOnAtOnce = performance.now() - connectedAt > SHORT_LIFE_MS
        }
        on?.closed?.(event)
      },
    },
  }
}

/** Calls back once when the session's token is not `used` any more. */
function watch(session: Session, used: string | null, renewed: () => void): () => void {
  const stop = session.events.subscribe(({ type }) => {
    if (type !== 'refreshDone' && type !== 'adopted') return
    stop()
    session.getAccessToken().then(
      (token) => token !== null && token !== used && renewed(),
      () => {},
    )
  })
  return stop
}

const isCloseEvent = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && 'reason' in error

const backoff = (retries: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 2 ** retries * 1_000 + Math.random() * 1_000))
