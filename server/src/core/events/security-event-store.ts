import type { Origin, SecurityEvent, SecurityEventType } from '../model.ts'
import type { Page, PageRequest } from '../page.ts'

export interface SecurityEventStore {
  /** For events without a change, such as a failed sign-in. Storage writes all others together with the change. */
  record(event: Origin & { readonly userId: string; readonly type: SecurityEventType }): Promise<void>
  /** Newest first. */
  list(userId: string, page: PageRequest): Promise<Page<SecurityEvent>>
  find(id: string): Promise<SecurityEvent | null>
}
