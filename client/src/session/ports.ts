import type { CancelSignal } from './async/cancel.ts'

/** A value now or later. */
export type Awaitable<T> = T | PromiseLike<T>

/** The result of a sign-in or a refresh, whatever server it came from. */
export interface TokenGrant {
  readonly accessToken: string
  /**
   * How long the access token is valid, in seconds from when it was requested; a string of digits counts, too. With
   * `Infinity`, the token is used until the server refuses it. Anything that is not a positive number means the same, with a
   * warning on the console.
   */
  readonly accessTokenExpiresIn: number
  /** Absent or null when it is in a cookie that scripts cannot read, or when the one that was sent remains valid. */
  readonly refreshToken?: string | null | undefined
  /** How long the refresh token is valid, in seconds. For information only: the server ends a session (C5). */
  readonly refreshTokenExpiresIn?: number | undefined
  /** The user the tokens belong to. Never changes within a session. 42 and '42' are the same user. */
  readonly userId: string | number | bigint
}

/** What the session passes to `Transport.refresh`. */
export interface RefreshRequest {
  /** The stored refresh token; null when it is in a cookie. */
  readonly refreshToken: string | null
  /** Aborted when the result is no longer needed. */
  readonly signal: CancelSignal
  /** Whether an earlier attempt of this call has failed: leave out what may have been the reason. */
  readonly isRetry?: boolean | undefined
}

/** What the session passes to `Transport.signOut`. */
export interface SignOutRequest extends RefreshRequest {
  /** The access token of the session to end, if there is one; it may have expired. */
  readonly accessToken: string | null
  /** True when the cookie belongs to another user by now, so that only the given tokens may be used. */
  readonly keepCookie: boolean
}

/** What scripts may know about the refresh cookie, which they cannot read. No method may throw. */
export interface CookieHint {
  /** @returns the user whose refresh token is in the cookie; null when there is no cookie; undefined when unknown. */
  read(): string | null | undefined
  /** Removes the hint, before it returns. A sign-out calls it, because the server may be out of reach. */
  clear(): void
  /** @returns why the cookie of a sign-in may not have been kept, for the developer's console. */
  explain?(): string
}

/**
 * The server, as far as the session needs it.
 * @see PROTOCOL.md C5
 */
export interface Transport {
  /** The server's URL: absolute, without query, fragment and trailing slash. Undefined when it is not known. */
  readonly url?: string | undefined
  /** The `credentials` that requests to the server need so that their cookies are sent and kept. */
  readonly credentials?: 'include' | undefined
  /** @returns `credentials` for a request to the server, and for no others. Without a URL, it goes to the server. */
  credentialsFor?(url?: string): 'include' | undefined
  /**
   * @param kind `graphql` for a GraphQL operation, which belongs at `url`; other requests may go anywhere on the server.
   * @throws TypeError when the request must not carry the session's access token, because it goes to another server.
   */
  checkUrl?(url: string, kind: 'graphql' | 'other'): void
  /** Absent when the refresh token is not in a cookie. */
  readonly cookieHint?: CookieHint | undefined
  /**
   * Exchanges the refresh token for new tokens.
   * @throws SessionEndedError when the server reports that the session has ended. Any other error is treated as
   * transient; a number `retryAfterMs` on it (milliseconds) delays the next attempt, in all tabs, up to an hour.
   */
  refresh(request: RefreshRequest): Promise<TokenGrant>
  /** Ends a session at the server. Called only by a sign-out, and after a refresh that came too late. */
  signOut?(request: SignOutRequest): Promise<unknown>
}

/** What a browser (or a program) remembers about a session between page loads, and what its tabs agree on. */
export interface StoredSession {
  /** Grows with every write in any tab: the greater version is the newer one. */
  readonly version: number
  /** Grows with every sign-in and sign-out. */
  readonly epoch: number
  /** The signed-in user; null after a sign-out. */
  readonly userId: string | null
  /** The tokens, only when the refresh token is not in a cookie. */
  readonly refreshToken?: string
  readonly accessToken?: string
  /** The whole lifetime of `accessToken`, in milliseconds; `Infinity`, or null in JSON, when it is unknown. */
  readonly lifetimeMs?: number
  /** When `accessToken` was requested, by `Clock.wallTime`. After a reload it tells whether the token is still good. */
  readonly issuedAt?: number | undefined
}

/**
 * Where the record is kept. If it fails (by a rejection or by silence), the session continues from memory.
 * @see PROTOCOL.md C1, C8, C11
 */
export interface Storage {
  /** False when no other tab sees it: then each tab has its own session and needs no lock and no channel. */
  readonly shared?: boolean
  /** What is stored now, by any tab; null when nothing is. */
  read(): Awaitable<StoredSession | null>
  /**
   * Stores `next` if the stored record still has `version` (0: there is none), in one step where the medium allows.
   * @returns false when another tab was faster and nothing was written.
   */
  write(next: StoredSession, version: number): Awaitable<boolean>
  /**
   * Marks all sign-ins up to this epoch as signed out before it returns: `read` no longer reports them, even if the page is
   * left during the `write` that follows. Storages with a synchronous `write` do not need it.
   */
  forget?(epoch: number): void
}

/**
 * One holder at a time, in all tabs.
 * @see PROTOCOL.md C1
 */
export interface Lock {
  /** Runs `task` while holding the lock. Rejects when `signal` is aborted before the lock is granted. */
  request(task: () => Promise<void>, signal: CancelSignal): Promise<unknown>
  /** A second lock for tabs that could not get this one in time, so that they still take turns. */
  readonly spare?: Lock | undefined
}

/**
 * The way to the other tabs.
 * @see PROTOCOL.md C12
 */
export interface Channel {
  /** Sends to all other tabs, without waiting for them. */
  post(message: unknown): void
  /** @returns how to stop, which also releases the channel. */
  subscribe(listener: (message: unknown) => void): () => void
}

/**
 * A clock that only goes forward, and timers.
 * @see PROTOCOL.md C7
 */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never adjusted. */
  now(): number
  /**
   * The time of day in milliseconds since 1970; it may jump, so it is only a hint: for the age of access tokens, and for
   * which of two stored records is newer. Without it, the first operation after a reload refreshes.
   */
  wallTime?(): number
  /**
   * @param idle true for a timer that must not keep a process alive.
   * @returns how to cancel it.
   */
  setTimer(task: () => void, ms: number, idle?: boolean): () => void
}

/** Whether the page is visible. Without this port, the session assumes that it is. */
export interface Page {
  /** Whether the page is visible now. */
  isVisible(): boolean
  /** Calls `listener` when the page becomes visible, returns from a cache or from sleep, or goes back online. */
  onWake(listener: () => void): () => void
}
