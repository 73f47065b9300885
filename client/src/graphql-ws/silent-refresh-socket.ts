import type { ClientOptions } from 'graphql-ws'
import { RefreshFailedError, type Session, SessionEndedError } from '../session/index.ts'

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
  /** Whose subscriptions the socket carries, or waits to carry. */
  let person: string | null = null
  let hasWaited = false
  let refused: string | null = null
  let next: Promise<string | null> = Promise.resolve(null)
  let connectedAt = 0
  let goesOnAtOnce = false
  let stopWatching = (): void => {}

  /** C8: subscriptions of one person do not go on as another's. */
  const replaced = (): SessionEndedError | undefined =>
    person !== null && person !== session.userId ? new SessionEndedError(session.endReason ?? 'REPLACED') : undefined

  const endIfReplaced = (): void => {
    const ended = replaced()
    if (!ended) return
    stopWatching()
    end(opening, ended)
  }

  /** An error of `connectionParams` would be the end of all retries, so the socket is closed instead. */
  const noTokenNow = (error: unknown): null => {
    if (error instanceof SessionEndedError) end(opening, error)
    else if (error instanceof RefreshFailedError) opening?.close(NO_TOKEN_NOW, error.message)
    else throw error
    return null
  }

  return {
    ...options,
    // Zero would leave nothing to go on with; an expiry never uses one up, since a connection that is made counts anew.
    retryAttempts: Math.max(1, retryAttempts),

    // Before the socket opens: servers close a socket that does not say soon who it is.
    async url() {
      if (!hasWaited) person = session.userId
      hasWaited = false
      next = session.getAccessToken({ failed: refused })
      refused = null
      await next.catch(() => {})
      person ??= session.userId
      return typeof url === 'function' ? url() : url
    },

    async connectionParams() {
      used = await next.catch(noTokenNow)
      endIfReplaced()
      const given = typeof connectionParams === 'function' ? await connectionParams() : connectionParams
      return used === null ? given : { ...given, authorization: `Bearer ${used}` }
    },

    shouldRetry(error) {
      if (error instanceof SessionEndedError) return false
      const ended = replaced()
      if (ended) throw ended
      return codeOf(error) === NO_TOKEN_NOW || (shouldRetry?.(error) ?? isCloseEvent(error))
    },

    async retryWait(retries) {
      person = session.userId
      hasWaited = true
      if (!goesOnAtOnce) await untilEnded(session, (retryWait ?? backoff)(retries))
      goesOnAtOnce = false
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
        stopWatching = watch(session, used, socket as WebSocket)
        endIfReplaced()
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
function watch(session: Session, used: string | null, socket: WebSocket): () => void {
  const stops = [
    session.onSessionEnded((reason) => {
      stop()
      end(socket, new SessionEndedError(reason))
    }),
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
  return stop
}

/** Waits for `work`, or until the session ends. */
async function untilEnded(session: Session, work: Promise<void>): Promise<void> {
  let stop = (): void => {}
  const ended = new Promise<unknown>((resolve) => {
    stop = session.onSessionEnded(resolve)
  })
  await Promise.race([work, ended]).finally(stop)
}

/** C8: at once, and not by a closing handshake in which the next person's subscriptions could be caught. */
function end(socket: WebSocket | undefined, error: SessionEndedError): void {
  if (!socket) return
  socket.onerror?.(error as unknown as Event)
  socket.onerror = null
  socket.onclose = null
  socket.close(1000, 'Session ended')
}

const codeOf = (event: unknown): unknown => (event as { code?: unknown } | null | undefined)?.code

const isCloseEvent = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && 'reason' in error

const backoff = (retries: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 2 ** retries * 1_000 + Math.random() * 1_000))
