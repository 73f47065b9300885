import type { EntityManager } from 'typeorm'
import { usernameKey } from '../../core/accounts/user-input.ts'
import type { NewUser } from '../../core/accounts/user-store.ts'
import { UserEntity } from '../entities/user.ts'

/** Creates an account with one INSERT. Unique constraints decide whether the email and the username are free. */
export function insertUser(manager: EntityManager, user: NewUser): Promise<UserEntity> {
  const row = manager.create(UserEntity, { ...user, usernameKey: usernameKey(user.username) })
  return manager.save(row, { transaction: false })
}
