import { randomUUID } from 'node:crypto'
import { type DataSource, type EntityManager, IsNull } from 'typeorm'
import type { NewUser } from '../../core/accounts/user-store.ts'
import type { FirstSession, NewSession, OpenedSession, SessionStore } from '../../core/sessions/session-store.ts'
import { SecurityEventEntity } from '../entities/security-event.ts'
import { SessionEntity, toSession } from '../entities/session.ts'
import { toUser, UserEntity } from '../entities/user.ts'
import { inTransaction } from '../transaction.ts'
import { insertUser } from './insert-user.ts'
import { revokeOldest } from './revoke-oldest.ts'
import { revokeSessions } from './revoke-sessions.ts'

/**
 * Opens a session and revokes those it replaces, in one transaction that holds the lock on the user's row. So a password
 * change and a sign-in run one after the other, and the second one sees what the first one did. The same applies to two
 * sign-ins of one user: they cannot both keep a session on the same device.
 * @returns null when the credentials have changed since they were checked.
 * @see PROTOCOL.md S1, S12–S14
 */
export function openSession(dataSource: DataSource, session: NewSession): Promise<OpenedSession | null> {
  const { userId, credentialVersion } = session
  return inTransaction(dataSource, async (transaction) => {
    const user = await transaction.findOne(UserEntity, {
      select: { id: true },
      where: { id: userId, credentialVersion },
      lock: { mode: 'for_no_key_update' },
    })
    if (user === null) return null
    const ended = [...(await revokeSameDevice(transaction, session)), ...(await makeRoom(transaction, session))]
    return { ...(await insertSession(transaction, session)), ended }
  })
}

/** Creates an account and opens its first session in one transaction. @see PROTOCOL.md S1 */
export function registerUser(dataSource: DataSource, account: NewUser, session: FirstSession) {
  return inTransaction(dataSource, async (transaction): ReturnType<SessionStore['register']> => {
    const user = toUser(await insertUser(transaction, account))
    return { ...(await insertSession(transaction, { ...session, userId: user.id })), ended: [], user }
  })
}

async function revokeSameDevice(transaction: EntityManager, { userId, appId, deviceId }: NewSession) {
  if (deviceId === null) return []
  const sameDevice = { userId, appId: appId ?? IsNull(), deviceId }
  return revokeSessions(transaction, sameDevice, { reason: 'REPLACED', by: null })
}

/**
 * Leaves room for the session that is about to be opened. It ends at most one batch, so that a sign-in is never slow; after
 * the maximum was lowered, the number shrinks with each sign-in.
 */
async function makeRoom(transaction: EntityManager, { userId, maxSessions }: NewSession) {
  if (maxSessions === 0) return []
  const beyond = { userId, keep: maxSessions - 1, reason: 'TOO_MANY_SESSIONS', by: null } as const
  return (await revokeOldest(transaction, beyond)).ended
}

/** Inserts the session and its event. All times come from the database's clock. */
async function insertSession(transaction: EntityManager, session: FirstSession & Pick<NewSession, 'userId'>) {
  const { userId, appId, deviceId, deviceName, userAgent, ipAddress, refreshTtlMs, absoluteTtlMs } = session
  const now = () => 'now()'
  const after = (parameter: string) => `now() + CAST(:${parameter} AS float8) * interval '1 millisecond'`
  const { generatedMaps } = await transaction
    .createQueryBuilder()
    .insert()
    .into(SessionEntity)
    .values({
      ...{ id: randomUUID(), userId, appId, deviceId, deviceName, userAgent, ipAddress },
      ...{ rotatedAt: now, createdAt: now, lastSeenAt: now, refreshWindowAt: now },
      absoluteExpiresAt: () => after('absoluteTtlMs'),
      expiresAt: () => `LEAST(${after('refreshTtlMs')}, ${after('absoluteTtlMs')})`,
    })
    .setParameters({ refreshTtlMs, absoluteTtlMs })
    .returning('*')
    .execute()
  const opened = generatedMaps[0] as SessionEntity
  await transaction.insert(SecurityEventEntity, {
    ...{ userId, sessionId: opened.id, type: 'SIGNED_IN', userAgent, ipAddress },
  })
  return { session: toSession(opened), now: opened.createdAt }
}
