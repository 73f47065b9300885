/**
 * Why the server ended a session, in the words of its `extensions.reason`.
 * @see PROTOCOL.md S11
 */
export type RefusalReason =
  | 'REFRESH_TOKEN_INVALID'
  | 'REFRESH_TOKEN_EXPIRED'
  | 'REFRESH_TOKEN_REUSED'
  | 'SESSION_REVOKED'
  /** The browser no longer has the cookie, or the stored refresh token is gone. */
  | 'REFRESH_TOKEN_MISSING'

/** Why a session is over in this tab: the server refused it, or somebody acted in this browser. */
export type EndReason =
  | RefusalReason
  /** `signOut()` was called, here or in another tab. */
  | 'SIGNED_OUT'
  /** Somebody signed in, here or in another tab, and took this session's place. */
  | 'REPLACED'
  /** `dispose()` was called: nothing was said about the session itself. */
  | 'DISPOSED'

/**
 * The session an operation belonged to is over, so the operation was not sent (again).
 * A transport throws it from `refresh` to say that the server ended the session; nothing else ends one.
 * @see PROTOCOL.md C5, C6
 */
export class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError'
  readonly reason: EndReason

  constructor(reason: EndReason) {
    super(`The session has ended (${reason})`)
    this.reason = reason
  }
}

/**
 * No new access token could be had just now: no network, a server error, a time-out. The session stays, the
 * operation was not executed, and the next operation tries afresh.
 * @see PROTOCOL.md C5
 */
export class RefreshFailedError extends Error {
  override readonly name = 'RefreshFailedError'
  /** What the last attempt failed with. */
  override readonly cause: unknown
  /** How long the server asked to wait, in milliseconds, when it said so (`RATE_LIMITED`). */
  readonly retryAfterMs: number | undefined

  constructor(cause: unknown) {
    super('No new access token for now')
    this.cause = cause
    this.retryAfterMs = retryAfterMs(cause)
  }
}

/** The `retryAfterMs` that an error carries, if any. Structural, so that any transport's own error class will do. */
export function retryAfterMs(error: unknown): number | undefined {
  const wait = (error as { retryAfterMs?: unknown } | null | undefined)?.retryAfterMs
  return typeof wait === 'number' ? wait : undefined
}
