import { UnauthenticatedError } from '../../errors.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { SecurityEventStore } from '../events/security-event-store.ts'
import type { AccessClaims, SecurityEvent, User } from '../model.ts'
import { type Page, type PageInput, readPageRequest } from '../page.ts'
import type { KnownUsers } from './known-users.ts'

/** What users see of their own account. */
export interface AccountService {
  /** @throws UnauthenticatedError when the account no longer exists, for example after a restore: sign in again. */
  me(claims: AccessClaims): Promise<User>

  /** The user's own events, newest first. @throws BadUserInputError */
  listEvents(claims: AccessClaims, page: PageInput): Promise<Page<SecurityEvent>>

  /** The user's own events from now on, whichever instance records them. @see PROTOCOL.md S17 */
  watchEvents(claims: AccessClaims): AsyncIterableIterator<SecurityEvent>
}

export function createAccountService(
  users: Pick<KnownUsers, 'find'>,
  events: SecurityEventStore,
  eventHub: EventHub,
): AccountService {
  return {
    async me(claims) {
      const user = await users.find(claims)
      if (user === null) throw new UnauthenticatedError('SESSION_REVOKED')
      return user
    },
    listEvents: ({ userId }, page) => events.list(userId, readPageRequest(page)),
    watchEvents: eventHub.subscribe,
  }
}
