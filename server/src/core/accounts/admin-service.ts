import { NotFoundError } from '../../errors.ts'
import type { Role, Session, User } from '../model.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import { readEmail, readId } from './user-input.ts'
import type { UserStore } from './user-store.ts'

export type AdminService = ReturnType<typeof createAdminService>

const PAGE = 100

/** What an operator does at a command line, where people are named by their e-mail. Every instance hears of it (S15). */
export function createAdminService({ users, sessions }: { users: UserStore; sessions: SessionStore }) {
  /** @throws BadUserInputError, NotFoundError */
  async function find(email: string): Promise<User> {
    const user = await users.findByEmail(readEmail(email))
    if (user === null) throw new NotFoundError(`There is no account with the email ${email}.`)
    return user
  }

  return {
    /** By name, at most `most`; `search` finds parts of names and addresses. */
    async listUsers(search: string | null, most: number): Promise<{ users: User[]; isAll: boolean }> {
      const found: User[] = []
      for (let after: string | null = null; ; ) {
        const page = await users.list({ first: Math.min(PAGE, most - found.length), after, search })
        found.push(...page.items.map(({ node }) => node))
        if (!page.hasNextPage || found.length >= most) return { users: found, isAll: !page.hasNextPage }
        after = page.items.at(-1)?.cursor ?? null
      }
    },

    /** @throws NotFoundError, BadUserInputError */
    async setRole(email: string, role: Role): Promise<User> {
      const { id } = await find(email)
      const user = await users.setRole({ userId: id, role, by: null })
      if (user === null) throw new NotFoundError(`There is no account with the email ${email}.`)
      return user
    },

    /** The live ones, last used first. @throws NotFoundError, BadUserInputError */
    async sessionsOf(email: string): Promise<Session[]> {
      return sessions.listLive((await find(email)).id)
    },

    /** @throws NotFoundError when no live session has this id. */
    async endSession(id: string): Promise<void> {
      const sessionId = readId(id, 'live session')
      const ended = await sessions.revoke({ sessionId, reason: 'REVOKED_BY_ADMIN', by: null })
      if (ended.length === 0) throw new NotFoundError('There is no such live session.')
    },

    /** Gives how many ended. @throws NotFoundError, BadUserInputError */
    async endSessionsOf(email: string): Promise<number> {
      const { id } = await find(email)
      return (await sessions.revoke({ userId: id, reason: 'REVOKED_BY_ADMIN', by: null })).length
    },
  }
}
