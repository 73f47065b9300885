/** The types that all parts of the server share: plain, read-only values without behaviour. */

export type Role = 'USER' | 'ADMIN'

/** An account as everything inside the server may see it: without the password hash. */
export interface User {
  readonly id: string
  readonly username: string
  readonly email: string
  readonly role: Role
  /** Grows with every change of the user's rights; access tokens carry it. @see PROTOCOL.md S15 */
  readonly version: number
  readonly createdAt: Date
}

/** Where a request came from. */
export interface Origin {
  readonly userAgent: string | null
  readonly ipAddress: string | null
}

/** The device a user signs in on, as the app names it. */
export interface Device {
  readonly appId: string | null
  readonly deviceId: string | null
  readonly deviceName: string | null
}

/** One sign-in on one device. Its single row represents the whole family of its refresh tokens. */
export interface Session extends Device, Origin {
  readonly id: string
  readonly userId: string
  /** How many rotations the session has had. */
  readonly generation: number
  /** When the current generation was issued. */
  readonly rotatedAt: Date
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
}

export const revocationReasons = [
  'SIGNED_OUT',
  'REPLACED',
  'TOO_MANY_SESSIONS',
  'REFRESH_TOKEN_REUSED',
  'REVOKED',
  'REVOKED_BY_ADMIN',
  'PASSWORD_CHANGED',
] as const

/** Why we ended a session. */
export type RevocationReason = (typeof revocationReasons)[number]

/** The claims of a valid access token. Times are in whole seconds since the Unix epoch. */
export interface AccessClaims {
  readonly userId: string
  readonly sessionId: string
  readonly generation: number
  readonly username: string
  readonly role: Role
  /** The user's version when the token was signed; a token with an older version counts as expired. */
  readonly userVersion: number
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Why a correctly signed access token is refused. A token from before a change of rights counts as expired. */
export type AccessRefusal = 'SESSION_REVOKED' | 'TOKEN_EXPIRED'

export type SecurityEventType =
  | 'SIGNED_IN'
  | 'SIGN_IN_FAILED'
  | 'REFRESHED_FROM_NEW_ADDRESS'
  | 'REFRESH_TOKEN_REUSED'
  | 'SESSION_ENDED'
  | 'PASSWORD_CHANGED'
  | 'PASSWORD_CHANGE_FAILED'
  | 'ROLE_CHANGED'

/** Something users should be able to see about the security of their account. */
export interface SecurityEvent extends Origin {
  readonly id: string
  readonly userId: string
  readonly type: SecurityEventType
  readonly at: Date
  /** Why the session ended; null for other events. */
  readonly reason: RevocationReason | null
  /** The session it is about, while its row is kept. */
  readonly session: Session | null
}
