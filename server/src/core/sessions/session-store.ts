import type { AccessClaims, AccessRefusal, Device, Origin, RevocationReason, Session, User } from '../model.ts'

/** The same before it is read: what is not named may be missing. */
export type DeviceInput = { [K in keyof Device]?: Device[K] | undefined }

export interface NewSession extends Device, Origin {
  userId: string
  /** The sign-in holds only while the person's credentials are still of this version. @see PROTOCOL.md S14 */
  credentialVersion: number
  refreshTtlMs: number
  /** Null: no absolute end. */
  absoluteTtlMs: number | null
  /** The oldest sessions beyond this many end; 0 means no limit. @see PROTOCOL.md S13 */
  maxSessions: number
}

/** A presented refresh token with what decides about it. Durations in milliseconds. */
export interface Presentation extends Origin {
  sessionId: string
  generation: number
  /** How long the previous generation is answered; 0 turns it off. */
  gracePeriodMs: number
  /** False in mode `static`: the current generation is answered again and again. */
  rotates: boolean
  /** The new idle lifetime in mode `sliding`; null leaves the expiry where it is. */
  extendsByMs: number | null
  /** Refreshes a minute; 0 turns the limit off. */
  refreshesPerMinute: number
}

/**
 * How the store answered a presented token.
 * `rotated`: generation n → n+1. `repeated`: the previous generation inside the grace period; the row did not move.
 * `limited`: too many refreshes; the row did not move. `reused`: a spent generation; the row is now revoked.
 * `ahead`: the token is newer than the row (the database was restored). `unknown`: no such session.
 */
export const outcomes = ['rotated', 'repeated', 'limited', 'reused', 'ahead', 'expired', 'revoked', 'unknown'] as const
export type Outcome = (typeof outcomes)[number]

export type RotationAnswer =
  | { outcome: 'rotated' | 'repeated'; session: Session; user: User; now: Date }
  | { outcome: 'limited'; retryAfterMs: number }
  | { outcome: Exclude<Outcome, 'rotated' | 'repeated' | 'limited'> }

/** Which sessions to end, why, and who wants it. What is left out does not narrow the choice. */
export interface Revocation {
  reason: RevocationReason
  /** The person who ends them; null when nobody signed in does. */
  by: string | null
  userId?: string
  sessionId?: string
  exceptSessionId?: string
}

/** What the core asks of storage about sessions. Time is the store's own, so that instances need not agree on it. */
export interface SessionStore {
  /**
   * Opens a session and ends the one it replaces on the same device (S13). Null when the credentials have changed since
   * they were checked, or the person is gone. `ended`: the ids of sessions that ended for this one.
   */
  open(session: NewSession): Promise<{ session: Session; ended: string[]; now: Date } | null>
  /** Answers a presented refresh token, in one statement. @see PROTOCOL.md S5–S9 */
  rotate(presentation: Presentation): Promise<RotationAnswer>
  /** Ends live sessions; gives the ids of those that were live. One of `userId` and `sessionId` must be given. */
  revoke(revocation: Revocation): Promise<string[]>
  /** Null when the person has no such live session. */
  rename(userId: string, sessionId: string, deviceName: string | null): Promise<Session | null>
  /** Writes down when sessions were last used (milliseconds since the epoch), in one statement; never moves one back. */
  touch(lastSeenMs: ReadonlyMap<string, number>): Promise<void>
  /** What the database knows of an access token's session and person, for when memory may be stale. */
  refusalOf(claims: AccessClaims): Promise<AccessRefusal | null>
  /** The live sessions of a person, last used first; with `atMost` that many, and first of all the one with `firstId`. */
  listLive(userId: string, page?: { firstId: string; atMost: number }): Promise<Session[]>
}
