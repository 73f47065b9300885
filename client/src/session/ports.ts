import type { CancelSignal } from './async/cancel.ts'

/** A value now or later. */
export type Awaitable<T> = T | PromiseLike<T>

/** What a sign-in or a refresh gives, whatever server it came from. */
export interface TokenGrant {
  readonly accessToken: string
  /** How long the access token is good, in seconds from when it was asked for. */
  readonly accessTokenExpiresIn: number
  /** Absent or null when it travels in a cookie that scripts cannot read, or when the one that was sent stays good. */
  readonly refreshToken?: string | null | undefined
  /** How long the refresh token is good, in seconds. Only told: it is the server that ends a session (C5). */
  readonly refreshTokenExpiresIn?: number | undefined
  /** Whose tokens they are: never changes within a session. */
  readonly userId: string
}

/** What the session hands to `Transport.refresh`. */
export interface RefreshRequest {
  /** The stored refresh token; null when it travels in a cookie. */
  readonly refreshToken: string | null
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: CancelSignal
}

/** What the session hands to `Transport.signOut`. */
export interface SignOutRequest extends RefreshRequest {
  /** The access token of the session to end, if there is one; it may have expired. */
  readonly accessToken: string | null
  /** True when the cookie belongs to somebody else by now, so that only the tokens given may be used. */
  readonly keepCookie: boolean
}

/**
 * The server, as far as the session needs it.
 * @see PROTOCOL.md C5
 */
export interface Transport {
  /**
   * Exchanges the refresh token for new tokens.
   * @throws SessionEndedError when the server says that the session cannot go on. Everything else it throws is taken
   * for a passing trouble; a number `retryAfterMs` on it delays the next attempt.
   */
  refresh(request: RefreshRequest): Promise<TokenGrant>
  /** Ends a session at the server. Not called by anything but a sign-out and a refresh that came too late. */
  signOut?(request: SignOutRequest): Promise<unknown>
}

/** What a browser (or a program) remembers of a session between page loads, and what its tabs agree on. */
export interface StoredSession {
  /** Grows with every write, in whichever tab: the greater one is the newer. */
  readonly version: number
  /** Grows with every sign-in and sign-out. */
  readonly epoch: number
  /** Who is signed in; null after a sign-out. */
  readonly userId: string | null
  /** The tokens, only when the refresh token does not travel in a cookie. */
  readonly refreshToken?: string
  readonly accessToken?: string
  /** The whole life of `accessToken`, in milliseconds. */
  readonly lifetimeMs?: number
}

/**
 * Where the record is kept. Trouble with it (a rejection, silence) never stops the session: it goes on from memory.
 * @see PROTOCOL.md C1, C8, C11
 */
export interface Storage {
  /** False when no other tab sees it: then tabs have sessions of their own, and need no lock and no channel. */
  readonly shared?: boolean
  /** What is stored now, by whichever tab; null when there is nothing. */
  read(): Awaitable<StoredSession | null>
  /**
   * Stores `next` if the stored record still has `version` (0: there is none), in one step where the medium can.
   * @returns false when another tab was there first, and nothing was written.
   */
  write(next: StoredSession, version: number): Awaitable<boolean>
  /**
   * Notes, before it returns, that all sign-ins up to this epoch are over: `read` tells of none of them any more, also
   * when the page is left now, in the middle of the `write` that follows. Storages whose `write` is that fast need none.
   */
  forget?(epoch: number): void
}

/**
 * One holder at a time, in all tabs.
 * @see PROTOCOL.md C1
 */
export interface Lock {
  /** Runs `task` while holding the lock. Rejects when `signal` is aborted before the lock was had. */
  request(task: () => Promise<void>, signal: CancelSignal): Promise<unknown>
  /** Another lock, for all who could not have this one in time: then they still go one after another. */
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
 * Time, by a clock that only goes forward, and timers.
 * @see PROTOCOL.md C7
 */
export interface Clock {
  /** Milliseconds since any moment; never set back or forward. */
  now(): number
  /**
   * @param idle true for a timer that must not keep a process alive.
   * @returns how to cancel it.
   */
  setTimer(task: () => void, ms: number, idle?: boolean): () => void
}

/** Whether somebody is looking. Without it the session takes it that somebody is. */
export interface Page {
  /** Whether the page is in front now. */
  isVisible(): boolean
  /** Calls back when the page is shown again, comes back from a cache or sleep, or the network is back. */
  onWake(listener: () => void): () => void
}
