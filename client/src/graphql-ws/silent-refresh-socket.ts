import type { ClientOptions } from 'graphql-ws'
import { type EndReason, RefreshFailedError, type Session, SessionEndedError } from '../session/index.ts'

/** The server ends a socket with it when the access token has expired or the session is over. @see PROTOCOL.md S17 */
const FORBIDDEN = 4403
/** We end a socket with it when no access token is to be had just now. */
const NO_TOKEN_NOW = 4503
/** A socket that lived less than this was not ended by expiry. */
const SHORT_LIFE_MS = 1_000

/**
 * Options for `createClient` of `graphql-ws`, with subscriptions that outlive the access token: the socket gets a good
 * token before it connects, connects anew at once when the token was renewed or the server closed it with 4403, and
 * its subscriptions go on by themselves. When the session ends, they end with `SessionEndedError`. A refresh that fails for
 * now is a failed connection: it is tried again like any other, and after the last retry they end with close code 4503.
 *
 * The token travels in `connection_init` as `{ authorization: 'Bearer …' }`, beside your own `connectionParams`.
 * @see PROTOCOL.md C13
 */
export function silentRefreshSocket(session: Session, options: ClientOptions): ClientOptions {
  const { url, connectionParams, shouldRetry, retryWait, retryAttempts = 5, on } = options
  let opening: WebSocket | undefined
  let used: string | null = null
  let person = session.userId
  let refused: string | null = null
  let next: Promise<string | null> = Promise.resolve(null)
  let connectedAt = 0
  let goesOnAtOnce = false
  let stopWatching = (): void => {}

  /** An error of `connectionParams` would be the end of all retries, so the socket is closed instead. */
  const noTokenNow = (error: unknown): null => {
    if (!(error instanceof RefreshFailedError)) throw error
    opening?.close(NO_TOKEN_NOW, error.message)
    return null
  }

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
      used = await next.catch(noTokenNow)
      person = session.userId
      const given = typeof connectionParams === 'function' ? await connectionParams() : connectionParams
      return used === null ? given : { ...given, authorization: `Bearer ${used}` }
    },

    shouldRetry: (error) =>
      !(error instanceof SessionEndedError) &&
      (codeOf(error) === NO_TOKEN_NOW || (shouldRetry?.(error) ?? isCloseEvent(error))),

    async retryWait(retries) {
      if (goesOnAtOnce) goesOnAtOnce = false
      else await (retryWait ?? backoff)(retries)
    },

    on: {
      ...on,
      opened(socket) {
        opening = socket as WebSocket
        on?.opened?.(socket)
      },
      connected(socket, payload, wasRetry) {
        connectedAt = performance.now()
        stopWatching()
        stopWatching = watch(session, used, person, socket as WebSocket)
        on?.connected?.(socket, payload, wasRetry)
      },
      closed(event) {
        stopWatching()
        goesOnAtOnce = false
        if (codeOf(event) === FORBIDDEN) {
          refused = used
          goesOnAtOnce = performance.now() - connectedAt > SHORT_LIFE_MS
        }
        on?.closed?.(event)
      },
    },
  }
}

/**
 * Ends the socket when the session has another token, ahead of expiry (a normal closure is no failure to graphql-ws, it
 * connects anew), and for good when the session ends.
 */
function watch(session: Session, used: string | null, person: string | null, socket: WebSocket): () => void {
  const stops = [
    session.onSessionEnded((reason) => end(reason)),
    session.events.subscribe(({ type }) => {
      if (type !== 'refreshDone' && type !== 'adopted' && type !== 'signedIn') return
      session.getAccessToken().then(
        (token) => token !== null && token !== used && socket.close(1000, 'Token renewed'),
        () => {},
      )
    }),
  ]
  const stop = (): void => {
    for (const one of stops) one()
  }
  /** C8: at once, and not by a closing handshake in which the next person's subscriptions could be caught. */
  const end = (reason: EndReason): void => {
    stop()
    socket.onerror?.(new SessionEndedError(reason) as unknown as Event)
    socket.onerror = null
    socket.onclose = null
    socket.close(1000, 'Session ended')
  }
  if (person !== null && session.userId !== person) end(session.endReason ?? 'REPLACED')
  return stop
}

const codeOf = (event: unknown): unknown => (event as { code?: unknown } | null | undefined)?.code

const isCloseEvent = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && 'reason' in error

const backoff = (retries: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 2 ** retries * 1_000 + Math.random() * 1_000))
