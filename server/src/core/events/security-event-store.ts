import type { Origin, SecurityEvent, SecurityEventType } from '../model.ts'
import type { Page, PageRequest } from '../page.ts'

export interface SecurityEventStore {
  /** Written by the store of sessions and people themselves in most cases; this is for what changes no row. */
  record(event: Origin & { userId: string; type: SecurityEventType }): Promise<void>
  /** Newest first. */
  list(userId: string, page: PageRequest): Promise<Page<SecurityEvent>>
  find(id: string): Promise<SecurityEvent | null>
}
