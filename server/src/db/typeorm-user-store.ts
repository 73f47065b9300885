import type { DataSource } from 'typeorm'
import { usernameKey } from '../session/input.ts'
import type { User, UserCredentials, UserStore } from '../session/user-store.ts'
import { UserEntity } from './entities/user.ts'
import { translating } from './translate-error.ts'

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

    rehashPassword: (id, credentialVersion, passwordHash) =>
      translating(async () => {
        await repository.update({ id, credentialVersion }, { passwordHash })
      }),
  }
}

function toUser({ id, username, email, role, version, createdAt }: UserEntity): User {
  return { id, username, email, role, version, createdAt }
}

function toCredentials(user: UserEntity): UserCredentials {
  return { ...toUser(user), passwordHash: user.passwordHash, credentialVersion: user.credentialVersion }
}
