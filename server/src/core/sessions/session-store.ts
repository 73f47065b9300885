import type { NewUser } from '../accounts/user-store.ts'
import type { AccessClaims, AccessRefusal, Device, Origin, RevocationReason, Session, User } from '../model.ts'

/**
 * Stores sessions. Any implementation must pass `session-store.contract.ts`, which tests these guarantees:
 *
 * - **Atomicity.** Each method takes effect completely or not at all, and concurrent calls behave as if they ran one after
 *   the other. In particular, of any number of concurrent rotations of one generation exactly one rotates.
 * - **Bounded work.** No statement revokes more than 1,000 sessions. A call that revokes more does so in batches, the oldest
 *   sessions first, and each batch takes effect on its own: after a failure, those that were revoked stay revoked.
 * - **Events.** The store itself writes the security events, in the transaction of the change they describe: `SIGNED_IN`,
 *   `REFRESHED_FROM_NEW_ADDRESS`, `REFRESH_TOKEN_REUSED`, and exactly one `SESSION_ENDED` for each session that is revoked,
 *   with the reason and the user who revoked it. If the event cannot be written, the change does not happen either.
 * - **Notifications.** When a session is revoked or an event is written, every instance is notified, after the transaction
 *   commits and in the order of the commits. A rotation that changes nothing else causes no notification.
 * - **Time.** All times come from the store's own clock, so that the clocks of instances need not agree.
 *
 * A session that expires causes neither an event nor a notification.
 * @see PROTOCOL.md S5–S9, S12–S15, S23
 */
export interface SessionStore {
  /**
   * Opens a session and revokes those it replaces: the one on the same device, and the oldest ones beyond `maxSessions`, at
   * most 1,000 of them.
   * @returns null when the user is gone or the credentials have changed since they were checked.
   * @see PROTOCOL.md S13, S14
   */
  open(session: NewSession): Promise<OpenedSession | null>

  /**
   * Creates an account and opens its first session, both or neither.
   * @throws ConflictError naming the field when the email or the username is taken.
   * @see PROTOCOL.md S1
   */
  register(account: NewUser, session: FirstSession): Promise<OpenedSession & { readonly user: User }>

  /** Exchanges a refresh token for its successor. `reused` revokes the session. @see PROTOCOL.md S5–S9, S12, S19 */
  rotate(presentation: Presentation): Promise<RotationAnswer>

  /**
   * Revokes the live sessions within the given scope.
   * @returns the ids of the sessions that this call revoked.
   * @throws Error when the scope contains neither a `userId` nor a `sessionId`.
   * @see PROTOCOL.md S14
   */
  revoke(revocation: Revocation): Promise<readonly string[]>

  /** Null when the user has no such live session. */
  rename(userId: string, sessionId: string, deviceName: string | null): Promise<Session | null>

  /**
   * Writes when up to 1,000 sessions were last used, in milliseconds since the Unix epoch. Never moves a time back, and waits for no
   * other call: it may skip a session that is being changed at the same time.
   * @see PROTOCOL.md S13
   */
  touch(lastSeenMs: ReadonlyMap<string, number>): Promise<void>

  /** Checks an access token against the database, for when the in-memory list may be stale. @see PROTOCOL.md S15 */
  refusalOf(claims: Pick<AccessClaims, 'sessionId' | 'userVersion'>): Promise<AccessRefusal | null>

  /** At most `maxItems` of a user's live sessions: `firstId` before all others, then the most recently used first. */
  listLive(userId: string, page: { readonly firstId?: string; readonly maxItems: number }): Promise<Session[]>
}

/** A session of a user who has no others. Durations are in milliseconds. */
export interface FirstSession extends Device, Origin {
  readonly refreshTtlMs: number
  /** Null: no absolute end. */
  readonly absoluteTtlMs: number | null
}

export interface NewSession extends FirstSession {
  readonly userId: string
  /** The sign-in counts only while this is the version of the user's credentials. @see PROTOCOL.md S14 */
  readonly credentialVersion: number
  /** How many live sessions a user may have, including this one; 0 means no limit. @see PROTOCOL.md S13 */
  readonly maxSessions: number
}

export interface OpenedSession {
  readonly session: Session
  /** The ids of the sessions it replaced. */
  readonly ended: readonly string[]
  readonly now: Date
}

/** A presented refresh token with everything that decides about it. Durations are in milliseconds. */
export interface Presentation extends Origin {
  readonly sessionId: string
  readonly generation: number
  /** When the token itself expires, in seconds since the Unix epoch. */
  readonly tokenExpiresAt: number
  /** How long the previous generation is answered; 0 turns it off. */
  readonly gracePeriodMs: number
  /** False in mode `static`: the current generation stays valid. */
  readonly rotates: boolean
  /** The new idle lifetime in mode `sliding`; null leaves the expiry unchanged. */
  readonly extendsByMs: number | null
  /** Refreshes per minute; 0 turns the limit off. */
  readonly refreshesPerMinute: number
}

/**
 * How the store answers a presented token.
 * `rotated`: generation n became n + 1. `repeated`: the previous generation within the grace period; the generation did not
 * change. `limited`: too many refreshes; nothing changed. `reused`: a spent generation; the session is now revoked.
 * `ahead`: the token is newer than the row, because the database was restored. `unknown`: there is no such session.
 */
export const outcomes = ['rotated', 'repeated', 'limited', 'reused', 'ahead', 'expired', 'revoked', 'unknown'] as const
export type Outcome = (typeof outcomes)[number]

export type RotationAnswer =
  | { readonly outcome: 'rotated' | 'repeated'; readonly session: Session; readonly user: User; readonly now: Date }
  | { readonly outcome: 'limited'; readonly retryAfterMs: number }
  | { readonly outcome: Exclude<Outcome, 'rotated' | 'repeated' | 'limited'> }

/** Which sessions to revoke, why, and on whose behalf. */
export interface Revocation {
  readonly reason: RevocationReason
  /** The user who revokes them; null when no signed-in user does. */
  readonly by: string | null
  /** Only sessions of this user. */
  readonly userId?: string
  /** Only this session. */
  readonly sessionId?: string
  /** All sessions of the user but this one. Without effect beside `sessionId`. */
  readonly exceptSessionId?: string
}
