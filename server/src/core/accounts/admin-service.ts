import { NotFoundError } from '../../errors.ts'
import { readId } from '../id.ts'
import type { Role, Session, User } from '../model.ts'
import { type Page, type PageInput, readPageRequest } from '../page.ts'
import type { RevocationList } from '../revocation/revocation-list.ts'
import type { Revocation, SessionStore } from '../sessions/session-store.ts'
import { readText } from '../text.ts'
import { readEmail } from './user-input.ts'
import type { UserStore } from './user-store.ts'

const MAX_SEARCH_LENGTH = 200

/**
 * What admins do with the accounts of others, over the API and at the command line. Changes take effect on every instance
 * with the user's next request. `by` is the id of the admin; null for the command line, where nobody is signed in.
 * @see PROTOCOL.md S15
 */
export interface AdminService {
  /** Users by name; `search` matches parts of usernames and email addresses. @throws BadUserInputError */
  listUsers(page: PageInput, search: string | null | undefined): Promise<Page<User>>

  /** @throws BadUserInputError, NotFoundError */
  findUser(email: string): Promise<User>

  /** @throws NotFoundError; ConflictError when the last admin would lose the role. @see PROTOCOL.md S16 */
  setRole(userId: string, role: Role, by: string | null): Promise<User>

  /** At most `maxItems` live sessions of a user, most recently used first. */
  listSessions(userId: string, maxItems: number): Promise<Session[]>

  /** @throws NotFoundError when there is no live session with this id. */
  revokeSession(id: string, by: string | null): Promise<void>

  /** Ends all sessions of a user and returns their number. @throws NotFoundError */
  revokeSessionsOf(userId: string, by: string | null): Promise<number>
}

/** @param revocations the list of this instance; the command line has none. */
export function createAdminService(
  users: UserStore,
  sessions: SessionStore,
  revocations?: RevocationList,
): AdminService {
  async function revoke(choice: Omit<Revocation, 'reason'>): Promise<number> {
    const ended = await sessions.revoke({ ...choice, reason: 'REVOKED_BY_ADMIN' })
    for (const id of ended) revocations?.sessionEnded(id)
    return ended.length
  }

  return {
    listUsers: async (page, search) =>
      users.list({ ...readPageRequest(page), search: readText(search, 'search', MAX_SEARCH_LENGTH) }),

    async findUser(email) {
      const user = await users.findByEmail(readEmail(email))
      if (user === null) throw new NotFoundError(`There is no account with the email address ${email}.`)
      return user
    },

    async setRole(id, role, by) {
      const user = await users.setRole({ userId: readId(id, 'user'), role, by })
      if (user === null) throw new NotFoundError('There is no such user.')
      revocations?.rightsChanged(user.id, user.version)
      return user
    },

    listSessions: (userId, maxItems) => sessions.listLive(userId, { maxItems }),

    async revokeSession(id, by) {
      const ended = await revoke({ sessionId: readId(id, 'live session'), by })
      if (ended === 0) throw new NotFoundError('There is no such live session.')
    },

    async revokeSessionsOf(id, by) {
      const userId = readId(id, 'user')
      if ((await users.findById(userId)) === null) throw new NotFoundError('There is no such user.')
      return revoke({ userId, by })
    },
  }
}
