import { InvalidCredentialsError, NotFoundError, UnauthenticatedError } from '../../errors.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { SecurityEventStore } from '../events/security-event-store.ts'
import type { AttemptLimiter } from '../limits/attempt-limiter.ts'
import type { AccessClaims, Origin, Role, SecurityEvent, User } from '../model.ts'
import { type Page, type PageInput, readPageRequest } from '../page.ts'
import type { PasswordHasher } from '../password/password-hasher.ts'
import type { RevocationList } from '../revocation/revocation-list.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import { readId, readNewPassword, readPassword, readSearch } from './user-input.ts'
import type { UserStore } from './user-store.ts'

export interface AccountServiceDeps {
  users: UserStore
  sessions: SessionStore
  events: SecurityEventStore
  eventHub: EventHub
  passwords: PasswordHasher
  attempts: AttemptLimiter
  revocations: RevocationList
}

export type AccountService = ReturnType<typeof createAccountService>

/** What people do with their accounts, and admins with those of others. */
export function createAccountService({
  users,
  sessions,
  events,
  eventHub,
  passwords,
  attempts,
  revocations,
}: AccountServiceDeps) {
  return {
    /** @throws UnauthenticatedError when the token's person is gone, as after a restore: signing in again is the way on. */
    async me({ userId }: AccessClaims): Promise<User> {
      const user = await users.findById(userId)
      if (user === null) throw new UnauthenticatedError('SESSION_REVOKED')
      return user
    },

    /**
     * Sets a new password and ends all other sessions.
     * @throws InvalidCredentialsError when the current password is wrong or was changed meanwhile; BadUserInputError,
     * RateLimitedError, as whoever holds a token must not get to guess the password either.
     * @see PROTOCOL.md S14, S19
     */
    async changePassword(claims: AccessClaims, current: string, next: string, origin: Origin): Promise<void> {
      const password = readNewPassword(next, 'newPassword')
      const user = await users.findCredentials(claims.userId)
      if (user !== null) await attempts.admit({ email: user.email })
      const check = await passwords.verify(readPassword(current, 'currentPassword'), user?.passwordHash ?? null)
      if (user === null || !check.matches) throw new InvalidCredentialsError('The current password is wrong.')
      const ended = await users.changePassword({
        userId: user.id,
        credentialVersion: user.credentialVersion,
        passwordHash: await passwords.hash(password),
        keepSessionId: claims.sessionId,
        ...origin,
      })
      if (ended === null) throw new InvalidCredentialsError('The current password is wrong.')
      ended.forEach(revocations.sessionEnded)
    },

    /** The person's own events, newest first. @throws BadUserInputError */
    listEvents({ userId }: AccessClaims, page: PageInput): Promise<Page<SecurityEvent>> {
      return events.list(userId, readPageRequest(page))
    },

    /** The person's own events from now on, as they happen on any instance. @see PROTOCOL.md S17 */
    watchEvents(claims: AccessClaims): AsyncIterableIterator<SecurityEvent> {
      return eventHub.subscribe(claims)
    },

    /** People by name; `search` finds parts of names and addresses. @throws BadUserInputError */
    listUsers(page: PageInput, search: string | null | undefined): Promise<Page<User>> {
      return users.list({ ...readPageRequest(page), search: readSearch(search) })
    },

    /** Takes effect at the person's next request, on every instance. @throws NotFoundError @see PROTOCOL.md S15 */
    async setRole(userId: string, role: Role, by: string | null): Promise<User> {
      const user = await users.setRole({ userId: readId(userId, 'user'), role, by })
      if (user === null) throw new NotFoundError('There is no such user.')
      revocations.rightsChanged(user.id, user.version)
      return user
    },

    /** Ends all sessions of a person; gives how many. @throws NotFoundError */
    async revokeSessionsOf(id: string, by: string | null): Promise<number> {
      const userId = readId(id, 'user')
      if ((await users.findById(userId)) === null) throw new NotFoundError('There is no such user.')
      const ended = await sessions.revoke({ userId, reason: 'REVOKED_BY_ADMIN', by })
      ended.forEach(revocations.sessionEnded)
      return ended.length
    },
  }
}
