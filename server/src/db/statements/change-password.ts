import type { DataSource } from 'typeorm'
import type { PasswordChange } from '../../core/accounts/user-store.ts'
import { SecurityEventEntity } from '../entities/security-event.ts'
import { UserEntity } from '../entities/user.ts'
import { inTransaction } from '../transaction.ts'
import { MAX_REVOKED_AT_ONCE, revokeAllOldest } from './revoke-oldest.ts'

/**
 * Sets the password and revokes all other sessions of the user.
 *
 * The last transaction decides: it sets the password, and then, with the lock on the user's row, revokes every session that
 * an earlier sign-in opened. It must be short, so sessions beyond one batch are revoked before it, each batch on its own,
 * while the credentials still have the version that was checked. When it fails, those sessions stay revoked, and the next
 * attempt has less to do.
 * @returns the ids of the revoked sessions; null when the credentials have changed since they were checked.
 * @see PROTOCOL.md S14
 */
export async function changePassword(
  dataSource: DataSource,
  { userId, credentialVersion, passwordHash, keepSessionId, ...origin }: PasswordChange,
): Promise<readonly string[] | null> {
  const by = keepSessionId === null ? null : userId
  const except = keepSessionId === null ? {} : { exceptSessionId: keepSessionId }
  const others = { userId, ...except, reason: 'PASSWORD_CHANGED', by } as const
  const early = await revokeAllOldest(dataSource.manager, { ...others, keep: MAX_REVOKED_AT_ONCE, credentialVersion })
  return inTransaction(dataSource, async (transaction) => {
    const { affected } = await transaction.update(
      UserEntity,
      { id: userId, credentialVersion },
      { passwordHash, credentialVersion: () => 'credential_version + 1' },
    )
    if (affected === 0) return null
    // Only now, with the lock on the user's row: it sees every session that an earlier sign-in opened.
    const late = await revokeAllOldest(transaction, { ...others, keep: 0 })
    await transaction.insert(SecurityEventEntity, {
      ...{ userId, sessionId: keepSessionId, type: 'PASSWORD_CHANGED', actorId: by },
      ...origin,
    })
    return [...early, ...late]
  })
}
