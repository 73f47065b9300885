import type { Origin, SecurityEvent, SecurityEventType } from '../model.ts'
import type { Page, PageRequest } from '../page.ts'

/** Stores security events. Most are written by the stores of sessions and users, together with the change they describe. */
export interface SecurityEventStore {
  /** Records an event that comes with no other change, such as a failed sign-in. Every instance is notified. */
  record(
    event: Origin & { readonly userId: string; readonly sessionId?: string; readonly type: SecurityEventType },
  ): Promise<void>

  /** A user's events, newest first. */
  list(userId: string, page: PageRequest): Promise<Page<SecurityEvent>>

  find(id: string): Promise<SecurityEvent | null>
}
