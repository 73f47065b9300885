import type { ClientOptions } from 'graphql-ws'
import { type AccessTokenRequest, RefreshFailedError, type Session, SessionEndedError } from '../session/index.ts'

/** The server closes a socket with it when the access token has expired or the session has ended. @see PROTOCOL.md S17 */
const FORBIDDEN = 4403
/** We close a socket with it when the access token cannot be refreshed for now. */
const NO_TOKEN_NOW = 4503
/** A socket that lived shorter than this was not closed by expiry. */
const SHORT_LIFE_MS = 1_000

/** Options of `graphql-ws`, and which closures refuse the token. */
export interface SilentRefreshSocketOptions extends ClientOptions {
  /**
   * Whether the server closed the socket because it refuses the access token; `undefined` leaves the decision to the default.
   * @default close code 4403
   */
  readonly isUnauthenticated?: ((event: CloseEvent) => boolean | undefined) | undefined
}

/**
 * Options for `createClient` of `graphql-ws`, with subscriptions that outlive the access token. The socket gets a valid
 * token before it connects. When the token was refreshed or the server closed the socket with 4403, it reconnects
 * immediately and its subscriptions continue. A server that cannot be reached is tried again, unlike in `graphql-ws` without
 * these options. When the session ends, they end with `SessionEndedError`. A refresh that fails
 * for now counts as a failed connection: it is retried like any other, and after the last retry the subscriptions end with
 * close code 4503. So does a token that is refused at once: the next attempt waits, and after the last one the subscriptions
 * end with 4403.
 *
 * The token is sent in `connection_init` as `{ authorization: 'Bearer …' }`, together with your own `connectionParams`. When
 * the URL is another server's than the session's, the subscriptions end with a `TypeError` instead.
 * @see PROTOCOL.md C13
 */
export function silentRefreshSocket(session: Session, options: SilentRefreshSocketOptions): ClientOptions {
  const { isUnauthenticated, ...clientOptions } = options
  const { url, connectionParams, shouldRetry, retryWait, on } = options
  // With zero retries, no subscription could resume. An expiry never uses one up, since each connection resets the count.
  const retryAttempts = Math.max(1, options.retryAttempts ?? 5)
  let opening: WebSocket | undefined
  let used: string | null = null
  /** The user whose subscriptions the socket carries, or will carry. */
  let owner: string | null = null
  let hasWaited = false
  let refused: Pick<AccessTokenRequest, 'failed' | 'reason'> = {}
  let next: Promise<string | null> = Promise.resolve(null)
  /** When the server accepted the socket, by the session's clock. */
  let connectedAt = Number.POSITIVE_INFINITY
  /** How many tokens in a row were refused at once. The count of graphql-ws starts over with each accepted socket. */
  let refusals = 0
  let reconnectsAtOnce = false
  /** How long the server wants no refresh, in milliseconds. */
  let waitMs = 0
  let stopWatching = (): void => {}

  /** C8: one user's subscriptions do not continue as another's. */
  const replaced = (): SessionEndedError | undefined =>
    owner !== null && owner !== session.userId ? new SessionEndedError(session.endReason ?? 'REPLACED') : undefined

  const endIfReplaced = (): void => {
    const ended = replaced()
    if (!ended) return
    stopWatching()
    end(opening, ended)
  }

  /** An error thrown by `connectionParams` would end all retries, so the socket is closed instead. */
  const noTokenNow = (error: unknown): null => {
    if (error instanceof SessionEndedError) end(opening, error)
    else if (error instanceof RefreshFailedError) {
      waitMs = error.retryAfterMs ?? 0
      opening?.close(NO_TOKEN_NOW, error.message)
    } else throw error
    return null
  }

  /** The token must not go to another server. Thrown here, the error would reach nobody. */
  const checked = (address: string): string => {
    next = next.then((token) => {
      if (token !== null) session.checkUrl(address, 'other')
      return token
    })
    next.catch(() => {})
    return address
  }

  return {
    ...clientOptions,
    retryAttempts,

    // The token is fetched before the socket opens, because servers soon close a socket that does not authenticate.
    async url() {
      if (!hasWaited) {
        owner = session.userId
        refusals = 0
      }
      hasWaited = false
      next = session.getAccessToken(refused)
      refused = {}
      await next.catch(() => {})
      owner ??= session.userId
      return checked(typeof url === 'function' ? await url() : url)
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
      if (refusals > retryAttempts) return false
      return codeOf(error) === NO_TOKEN_NOW || (shouldRetry?.(error) ?? isConnectionLost(error))
    },

    async retryWait(retries) {
      owner = session.userId
      hasWaited = true
      const tries = Math.max(retries, refusals - 1)
      if (waitMs > 0) await untilEnded(session, delay(session, waitMs))
      else if (!reconnectsAtOnce) await untilEnded(session, retryWait ? retryWait(tries) : backoff(session, tries))
      waitMs = 0
      reconnectsAtOnce = false
    },

    on: {
      ...on,
      opened(socket) {
        opening = socket as WebSocket
        on?.opened?.(socket)
      },
      connected(socket, payload, wasRetry) {
        connectedAt = session.clock.now()
        stopWatching()
        stopWatching = watch(session, used, socket as WebSocket)
        endIfReplaced()
        on?.connected?.(socket, payload, wasRetry)
      },
      closed(event) {
        stopWatching()
        reconnectsAtOnce = session.clock.now() - connectedAt > SHORT_LIFE_MS
        connectedAt = Number.POSITIVE_INFINITY
        if (reconnectsAtOnce) refusals = 0
        on?.closed?.(event)
        const { reason } = event as CloseEvent
        if (isUnauthenticated?.(event as CloseEvent) ?? codeOf(event) === FORBIDDEN) {
          refused = { failed: used, reason: /^[A-Z]+(_[A-Z]+)+$/.test(reason) ? reason : undefined }
          if (!reconnectsAtOnce) refusals++
          // graphql-ws never retries after some other codes.
          if (codeOf(event) !== FORBIDDEN) Object.defineProperty(event, 'code', { value: FORBIDDEN })
        } else reconnectsAtOnce = false
      },
    },
  }
}

/**
 * Closes the socket when the session has another token, before the old one expires (graphql-ws reconnects after a normal
 * closure), and for good when the session ends.
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
        (token) => token !== null && token !== used && socket.close(1000, 'Token refreshed'),
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

/** C8: closes immediately, so that the next user's subscriptions never use this socket. */
function end(socket: WebSocket | undefined, error: SessionEndedError): void {
  if (!socket) return
  socket.onerror?.(error as unknown as Event)
  socket.onerror = null
  socket.onclose = null
  socket.close(1000, 'Session ended')
}

const codeOf = (event: unknown): unknown => (event as { code?: unknown } | null | undefined)?.code

/** Whether an error is a closure or, where no connection came about, an event of the socket without a code. */
const isConnectionLost = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  (('code' in error && 'reason' in error) || ('type' in error && error.type === 'error'))

const delay = ({ clock }: Session, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimer(resolve, ms))

const backoff = (session: Session, retries: number): Promise<void> =>
  delay(session, 2 ** retries * 1_000 + Math.random() * 1_000)
