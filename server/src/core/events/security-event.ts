import type { Page, PageRequest } from '../page.ts'
import type { Origin, RevocationReason, SessionRow } from '../sessions/session-store.ts'

export type SecurityEventType =
  | 'SIGNED_IN'
  | 'SIGN_IN_FAILED'
  | 'REFRESHED_FROM_NEW_ADDRESS'
  | 'REFRESH_TOKEN_REUSED'
  | 'SESSION_ENDED'
  | 'PASSWORD_CHANGED'
  | 'ROLE_CHANGED'

/** Something that a person should be able to see about the safety of the account. */
export interface SecurityEvent extends Origin {
  id: string
  userId: string
  type: SecurityEventType
  at: Date
  /** Why the session ended; null for other events. */
  reason: RevocationReason | null
  /** The session it is about, while its row is kept. */
  session: SessionRow | null
}

export interface SecurityEventStore {
  /** Written by the store of sessions and people themselves in most cases; this is for what changes no row. */
  record(event: Origin & { userId: string; type: SecurityEventType }): Promise<void>
  /** Newest first. */
  list(userId: string, page: PageRequest): Promise<Page<SecurityEvent>>
  find(id: string): Promise<SecurityEvent | null>
}
