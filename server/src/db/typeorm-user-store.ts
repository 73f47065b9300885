import type { DataSource } from 'typeorm'
import type { UserCredentials, UserStore } from '../core/accounts/user-store.ts'
import { usernameKey } from '../core/input.ts'
import type { User } from '../core/model.ts'
import { decodeCursor, toPage } from '../core/page.ts'
import { UserEntity } from './entities/user.ts'
import { revokeSessions } from './statements/revoke-sessions.ts'
import { translating } from './translate-error.ts'

// A username has at most 50 characters; its compatibility form can be 18 times as long.
const usernameKeyForm = /^[^\p{Cc}\p{Cs}]{1,900}$/u

export function createUserStore(dataSource: DataSource): UserStore {
  const repository = dataSource.getRepository(UserEntity)
  return {
    create: (user) =>
      translating(async () => {
        const row = repository.create({ ...user, usernameKey: usernameKey(user.username) })
        return toCredentials(await repository.save(row, { transaction: false }))
      }),

    findByEmail: (email) =>
      translating(async () => {
        const user = await repository.findOneBy({ email })
        return user === null ? null : toCredentials(user)
      }),

    findById: (id) =>
      translating(async () => {
        const user = await repository.findOneBy({ id })
        return user === null ? null : toUser(user)
      }),

    findCredentials: (id) =>
      translating(async () => {
        const user = await repository.findOneBy({ id })
        return user === null ? null : toCredentials(user)
      }),

    rehashPassword: (id, credentialVersion, passwordHash) =>
      translating(async () => {
        await repository.update({ id, credentialVersion }, { passwordHash })
      }),

    changePassword: ({ userId, credentialVersion, passwordHash, keepSessionId, ...origin }) =>
      translating(() =>
        dataSource.transaction(async (transaction) => {
          const [, changed] = await transaction.query(
            `UPDATE users SET password_hash = $3, credential_version = credential_version + 1
             WHERE id = $1 AND credential_version = $2`,
            [userId, credentialVersion, passwordHash],
          )
          if (changed === 0) return null
          // A statement of its own, after the lock on the person is held: it sees every sign-in that came before.
          const ended = await revokeSessions(transaction, {
            reason: 'PASSWORD_CHANGED',
            by: userId,
            userId,
            exceptSessionId: keepSessionId,
          })
          await transaction.query(
            `INSERT INTO security_events (user_id, session_id, type, at, ip_address, user_agent, actor_id)
             VALUES ($1, $2, 'PASSWORD_CHANGED', now(), $3, $4, $1)`,
            [userId, keepSessionId, origin.ipAddress, origin.userAgent],
          )
          return ended
        }),
      ),

    setRole: ({ userId, role, by }) =>
      translating(async () => {
        await dataSource.query(
          `WITH changed AS (
             UPDATE users SET role = $2, version = version + 1, version_changed_at = now()
             WHERE id = $1 AND role <> $2 RETURNING id
           )
           INSERT INTO security_events (user_id, type, at, actor_id) SELECT id, 'ROLE_CHANGED', now(), $3 FROM changed`,
          [userId, role, by],
        )
        const user = await repository.findOneBy({ id: userId })
        return user === null ? null : toUser(user)
      }),

    list: ({ first, after, search }) =>
      translating(async () => {
        const from = after === null ? null : decodeCursor(after, usernameKeyForm)
        const query = repository
          .createQueryBuilder('person')
          .orderBy('person.usernameKey')
          .limit(first + 1)
        if (from !== null) query.andWhere('person.usernameKey > :from', { from })
        if (search !== null) {
          const text = `%${usernameKey(search).replace(/[\\%_]/g, '\\$&')}%`
          query.andWhere('(person.usernameKey LIKE :text OR person.email LIKE :text)', { text })
        }
        return toPage(await query.getMany(), first, (person) => person.usernameKey, toUser)
      }),
  }
}

function toUser({ id, username, email, role, version, createdAt }: UserEntity): User {
  return { id, username, email, role, version, createdAt }
}

function toCredentials(user: UserEntity): UserCredentials {
  return { ...toUser(user), passwordHash: user.passwordHash, credentialVersion: user.credentialVersion }
}
