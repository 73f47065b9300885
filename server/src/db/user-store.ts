import { type DataSource, type EntityManager, Not } from 'typeorm'
import { emailSearchKey, usernameKey } from '../core/accounts/user-input.ts'
import type { UserStore } from '../core/accounts/user-store.ts'
import { decodeCursor, toPage } from '../core/page.ts'
import { ConflictError } from '../errors.ts'
import { SecurityEventEntity } from './entities/security-event.ts'
import { toUser, UserEntity } from './entities/user.ts'
import { changePassword } from './statements/change-password.ts'
import { insertUser } from './statements/insert-user.ts'
import { run } from './statements/prepared.ts'
import { findByEmailStatement, findCredentialsStatement, findUserStatement } from './statements/reads/read-users.ts'
import { inTransaction } from './transaction.ts'
import { translatingErrors } from './translate-error.ts'

// A username has at most 50 characters; its compatibility form can be 18 times as long.
const usernameKeyForm = /^[^\p{Cc}\p{Cs}]{1,900}$/u

export function createUserStore(dataSource: DataSource): UserStore {
  const repository = dataSource.getRepository(UserEntity)

  return translatingErrors<UserStore>({
    async create(user) {
      return toUser(await insertUser(dataSource.manager, user))
    },

    async findByEmail(email) {
      const [user] = await run(dataSource.manager, findByEmailStatement, [email])
      return user ?? null
    },

    async findById(id) {
      const [user] = await run(dataSource.manager, findUserStatement, [id])
      return user ?? null
    },

    async findCredentials(id) {
      const [user] = await run(dataSource.manager, findCredentialsStatement, [id])
      return user ?? null
    },

    async highestPasswordCost() {
      // As the index has it: the two digits in "$2b$12$…" (migration 0007).
      const [{ cost }] = await dataSource.query(
        `SELECT max(substr(password_hash, 5, 2)) AS cost FROM users WHERE password_hash ~ '^\\$2[aby]\\$[0-9]{2}\\$'`,
      )
      return cost === null ? null : Number(cost)
    },

    async rehashPassword(id, credentialVersion, passwordHash) {
      await repository.update({ id, credentialVersion }, { passwordHash })
    },

    changePassword: (change) => changePassword(dataSource, change),

    setRole: ({ userId, role, by }) =>
      inTransaction(dataSource, async (transaction) => {
        if (role !== 'ADMIN') await requireOtherAdmin(transaction, userId)
        const { affected } = await transaction.update(
          UserEntity,
          { id: userId, role: Not(role) },
          { role, version: () => 'version + 1', versionChangedAt: () => 'now()' },
        )
        if (affected !== 0) {
          await transaction.insert(SecurityEventEntity, { userId, type: 'ROLE_CHANGED', actorId: by })
        }
        const user = await transaction.findOneBy(UserEntity, { id: userId })
        return user && toUser(user)
      }),

    async list({ first, after, search }) {
      const query = repository
        .createQueryBuilder('user')
        .orderBy('user.usernameKey')
        .limit(first + 1)
      if (after !== null) query.where('user.usernameKey > :from', { from: decodeCursor(after, usernameKeyForm) })
      if (search !== null) {
        const [name, email] = [usernameKey(search), emailSearchKey(search)].map(containing)
        query.andWhere('(user.usernameKey LIKE :name OR user.email LIKE :email)', { name, email })
      }
      return toPage(await query.getMany(), first, ({ usernameKey }) => usernameKey, toUser)
    },
  })
}

/**
 * Of two admins who remove each other's role at once, the second waits here for the first and then is the last one. Everyone
 * locks the rows in the same order, so nobody waits forever.
 * @throws ConflictError when this user is the only admin.
 */
async function requireOtherAdmin(transaction: EntityManager, userId: string): Promise<void> {
  const admins = await transaction.find(UserEntity, {
    select: { id: true },
    where: { role: 'ADMIN' },
    order: { id: 'ASC' },
    lock: { mode: 'for_no_key_update' },
  })
  if (admins.length === 1 && admins[0]?.id === userId) {
    throw new ConflictError('This is the only admin. Make another user an admin first.', 'role')
  }
}

/** A pattern for LIKE. */
const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`
