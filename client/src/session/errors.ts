/**
 * Why the server ended a session, as in its `extensions.reason`.
 * @see PROTOCOL.md S11
 */
export type RefusalReason =
  | 'REFRESH_TOKEN_INVALID'
  | 'REFRESH_TOKEN_EXPIRED'
  | 'REFRESH_TOKEN_REUSED'
  | 'SESSION_REVOKED'
  /** The browser no longer has the cookie, or the stored refresh token is gone. */
  | 'REFRESH_TOKEN_MISSING'

/** Why a session is over in this tab: the server refused it, or something happened in this browser. */
export type EndReason =
  | RefusalReason
  /** `signOut()` was called, here or in another tab. */
  | 'SIGNED_OUT'
  /** Another sign-in, here or in another tab, replaced this session. */
  | 'REPLACED'
  /** `dispose()` was called. The session itself may live on. */
  | 'DISPOSED'

/** Where a session was ended: in this tab, in another tab of the browser, or by the server. */
export type EndOrigin = 'here' | 'otherTab' | 'server'

/** The end of a session, as this tab saw it. */
export interface SessionEnd {
  readonly reason: EndReason
  readonly origin: EndOrigin
}

/**
 * The session an operation belonged to is over, so the operation was not sent (again).
 * A transport throws it from `refresh` to report that the server ended the session; nothing else ends one.
 * @see PROTOCOL.md C5, C6
 */
export class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError'
  readonly reason: EndReason

  constructor(reason: EndReason) {
    super(`The session has ended (${reason}).`)
    this.reason = reason
  }

  /** Errors of another copy of this package count, too: a program may load it as ES modules and as CommonJS. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: classes that extend this one inherit it.
    return super[Symbol.hasInstance](error) || (this === SessionEndedError && nameOf(error) === 'SessionEndedError')
  }
}

/**
 * The access token could not be refreshed for now: no network, a server error, a timeout. The session continues, the
 * operation was not executed, and the next operation tries again.
 * @see PROTOCOL.md C5
 */
export class RefreshFailedError extends Error {
  override readonly name = 'RefreshFailedError'
  /** The error of the last attempt. */
  override readonly cause: unknown
  /**
   * For how long, in milliseconds, the server wants no further refresh, if it said so (`RATE_LIMITED`). Until then,
   * operations that need a new token fail at once.
   */
  readonly retryAfterMs: number | undefined

  constructor(cause: unknown, waitMs = retryAfterMs(cause)) {
    const wait = waitMs === undefined ? '' : `: the server asks to wait ${Math.ceil(waitMs / 1_000)} s`
    super(`The access token could not be refreshed${wait}. The session continues; try again later.`)
    this.cause = cause
    this.retryAfterMs = waitMs
  }

  /** Errors of another copy of this package count, too: a program may load it as ES modules and as CommonJS. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: classes that extend this one inherit it.
    return super[Symbol.hasInstance](error) || (this === RefreshFailedError && nameOf(error) === 'RefreshFailedError')
  }
}

const nameOf = (error: unknown): unknown => (error as Partial<Error> | null | undefined)?.name

/** The longest wait that is honoured: one that was computed from a wrong clock must not stop a session for good. */
const MAX_WAIT_MS = 3_600_000

/** The `retryAfterMs` of an error, if it has one. Structural, so that transports can throw their own error classes. */
export function retryAfterMs(error: unknown): number | undefined {
  const wait = (error as { retryAfterMs?: unknown } | null | undefined)?.retryAfterMs
  return typeof wait === 'number' && wait > 0 ? Math.min(wait, MAX_WAIT_MS) : undefined
}
