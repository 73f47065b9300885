import {
  type CookieHint,
  type RefusalReason,
  SessionEndedError,
  type TokenGrant,
  type Transport,
} from '../session/index.ts'
import { warnOnce } from '../session/warn.ts'
import { documentCookieHint, explainLostCookie, setsCookie } from './cookie-hint.ts'
import { readRetryAfter } from './retry-after.ts'
import { serverAddress } from './server-address.ts'

/** The part of the schema's `AuthPayload` that a session needs. Select it in `login`, `register` and the like. */
export interface AuthPayloadLike {
  readonly accessToken: string
  readonly accessTokenExpiresIn: number
  readonly refreshToken?: string | null | undefined
  readonly user: { readonly id: string }
}

/**
 * Converts the result of the schema's `login`, `register` or `refreshToken` to what `session.accept` takes.
 * @throws TypeError when the payload or its `user { id }` is missing, because the operation did not select it.
 */
export function grantFromAuthPayload(payload: AuthPayloadLike): TokenGrant {
  if (payload?.user?.id === undefined) throw new TypeError('The payload has no user.id: select `user { id }`.')
  const { accessToken, accessTokenExpiresIn, refreshToken = null, user } = payload
  return { accessToken, accessTokenExpiresIn, refreshToken, userId: user.id }
}

/** Where the server is, and how it sends refresh tokens. */
export interface GraphqlTransportOptions {
  /** The server's GraphQL endpoint, for HTTP POST; absolute outside a page. */
  readonly url: string
  /**
   * `COOKIE`: the refresh token is in a cookie that no script can read. `BODY`: the session's storage keeps it.
   * Pass the same value to `login` and `register`. @default 'COOKIE'
   */
  readonly tokenTransport?: 'COOKIE' | 'BODY' | undefined
  /** @default the platform's */
  readonly fetch?: typeof fetch | undefined
  /**
   * For `COOKIE`: `include` when the page has another origin than the server. It holds for the session's own requests, for
   * `silentRefreshFetch` and for the Apollo link, all of them including the sign-in. Sockets need nothing.
   * @default 'same-origin' @see docs/cross-origin.md
   */
  readonly credentials?: 'same-origin' | 'include' | undefined
  /**
   * URLs of other servers that accept this session's access token. Requests to one of them or below it may carry the
   * token; any other request that leaves the server's origin is refused. @default none @see PROTOCOL.md C17
   */
  readonly resourceServers?: readonly string[] | undefined
  /** For `COOKIE`: the server's `COOKIE_NAME`, without prefix. @default 'refresh-token' */
  readonly cookieName?: string | undefined
  /**
   * For `COOKIE` outside browsers, where nothing keeps cookies: receives the `Set-Cookie` values of each answer, to
   * forward them to the visitor or to keep them. An error that it throws fails the refresh.
   */
  readonly onSetCookie?: ((cookies: readonly string[]) => void) | undefined
}

/** The server answered with an error or an unusable response. The session continues. */
export class ServerAnswerError extends Error {
  override readonly name = 'ServerAnswerError'
  readonly status: number
  readonly code: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(status: number, code?: string, retryAfterMs?: number) {
    super(`The server responded with ${status}${code ? ` ${code}` : ''}.`)
    this.status = status
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

interface GraphqlAnswer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { readonly message?: unknown; readonly extensions?: Readonly<Record<string, unknown>> }[]
}

/** Refusals that end a session. @see PROTOCOL.md S11 */
const ENDS: ReadonlySet<unknown> = new Set<RefusalReason>([
  'REFRESH_TOKEN_INVALID',
  'REFRESH_TOKEN_EXPIRED',
  'REFRESH_TOKEN_REUSED',
  'SESSION_REVOKED',
])

/** For programs that keep no cookies: they notice it at the sign-in, by a refresh (C16). */
const NO_HINT: CookieHint = { read: () => undefined, clear: () => {}, explain: explainLostCookie }

const REFRESH =
  'mutation SilentRefresh($token:String){refreshToken(refreshToken:$token)' +
  '{accessToken accessTokenExpiresIn refreshToken user{id}}}'
const LOGOUT = 'mutation SignOut($token:String){logout(refreshToken:$token)}'

/**
 * Refresh and sign-out against a server with this project's schema.
 * @throws TypeError when `url` or one of `resourceServers` is not a URL.
 * @see PROTOCOL.md C5, C16, C17, S11, S18
 */
export function graphqlTransport(options: GraphqlTransportOptions): Transport {
  const { url, tokenTransport = 'COOKIE', cookieName = 'refresh-token', onSetCookie } = options
  const inCookie = tokenTransport === 'COOKIE'
  // Otherwise the platform's default: some runtimes refuse to have it set.
  const credentials = inCookie && options.credentials === 'include' ? 'include' : undefined
  const address = serverAddress(url, options.resourceServers ?? [], credentials)
  const keepsCookies = options.fetch !== undefined || onSetCookie !== undefined
  const cookieHint = inCookie
    ? (documentCookieHint(url, cookieName, credentials) ?? (keepsCookies ? undefined : NO_HINT))
    : undefined

  /** Flags that a request can do without. Some runtimes refuse them, so they are not repeated after a failure. */
  function optionalFlags(isRetry: boolean | undefined): RequestInit {
    if (isRetry) return {}
    // The answer carries the next cookie: it must not be lost when the user leaves the page. Browsers refuse it when the
    // page has more than 64 KiB of such requests under way.
    return inCookie ? { keepalive: true } : { keepalive: true, credentials: 'omit' }
  }

  async function post(query: string, token: string | null, init: RequestInit, headers?: Record<string, string>) {
    const response = await (options.fetch ?? fetch)(url, {
      method: 'POST',
      ...(credentials && { credentials }),
      ...init,
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify({ query, variables: token === null ? {} : { token } }),
    })
    passOnCookies(response.headers.getSetCookie?.() ?? [])
    const answer: GraphqlAnswer | null = await response.json().catch(() => null)
    const { message, extensions } = answer?.errors?.[0] ?? {}
    const { code, reason, retryAfterSeconds } = extensions ?? {}
    return { response, data: answer?.data, message, code, reason, retryAfterSeconds }
  }

  /** Browsers keep cookies themselves and hide them from scripts; elsewhere, a rotated one would be lost. */
  function passOnCookies(cookies: readonly string[]): void {
    if (onSetCookie) {
      if (cookies.length > 0) onSetCookie(cookies)
    } else if (cookies.some((cookie) => setsCookie(cookie, cookieName))) {
      warnOnce(
        address,
        'The server has replaced the refresh cookie, but no browser keeps the new one, so the session will end after ' +
          "the server's grace period. Pass `onSetCookie` to graphqlTransport and forward the cookies to the visitor.",
      )
    }
  }

  return {
    ...address,
    cookieHint,

    async refresh({ refreshToken, signal, isRetry }) {
      if (!inCookie && refreshToken === null) {
        warnOnce(address, 'The sign-in returned no refresh token: select `refreshToken`, and ask for no cookie.')
        throw new SessionEndedError('REFRESH_TOKEN_MISSING')
      }
      const answer = await post(REFRESH, refreshToken, { ...optionalFlags(isRetry), signal })
      const payload = answer.data?.refreshToken as AuthPayloadLike | null | undefined
      if (payload) return grantFromAuthPayload(payload)
      const { code, reason } = answer
      if (code === 'FORBIDDEN' && ENDS.has(reason)) throw new SessionEndedError(reason as RefusalReason)
      // The server received no refresh token: the cookie has expired or was cleared.
      if (inCookie && code === 'BAD_USER_INPUT') {
        // It received another deployment's, which has replaced ours.
        if (String(answer.message).includes('COOKIE_NAME')) warnOnce(address, `${answer.message}`)
        throw new SessionEndedError('REFRESH_TOKEN_MISSING')
      }
      throw answerError(answer)
    },

    async signOut({ refreshToken, accessToken, keepCookie, signal, isRetry }) {
      // Without usable tokens, the server would end the session of the cookie, which is another one.
      const init: RequestInit = { ...optionalFlags(isRetry), signal }
      if (keepCookie || !inCookie) init.credentials = 'omit'
      const headers = accessToken ? { authorization: `Bearer ${accessToken}` } : undefined
      const answer = await post(LOGOUT, refreshToken, init, headers)
      if (answer.data?.logout !== true) throw answerError(answer)
    },
  }
}

function answerError(answer: { response: Response; code: unknown; retryAfterSeconds: unknown }): ServerAnswerError {
  const { response, code, retryAfterSeconds } = answer
  return new ServerAnswerError(
    response.status,
    typeof code === 'string' ? code : undefined,
    readRetryAfter(retryAfterSeconds, response.headers),
  )
}
