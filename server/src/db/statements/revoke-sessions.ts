import { type EntityManager, type FindOptionsWhere, IsNull, Not, Raw } from 'typeorm'
import type { Revocation } from '../../core/sessions/session-store.ts'
import { SessionEntity } from '../entities/session.ts'

/** Neither revoked nor expired, by the database's clock. */
export const live = {
  revokedAt: IsNull(),
  expiresAt: Raw((column) => `${column} > now()`),
} satisfies FindOptionsWhere<SessionEntity>

/**
 * Revokes those of the given sessions that are live, and returns their ids. It must be a single conditional UPDATE: of two
 * concurrent revocations the second waits for the row, finds the session no longer live, and does not report it again.
 * Triggers write the `SESSION_ENDED` events and notify all instances within the same transaction (migration 0002).
 * @see PROTOCOL.md S14, S15
 */
export async function revokeSessions(
  manager: EntityManager,
  where: FindOptionsWhere<SessionEntity>,
  { reason, by }: Pick<Revocation, 'reason' | 'by'>,
): Promise<string[]> {
  const { raw } = await manager
    .createQueryBuilder()
    .update(SessionEntity)
    .set({ revokedAt: () => 'now()', revokedReason: reason, revokedBy: by })
    .where({ ...where, ...live })
    .returning(['id'])
    .execute()
  return raw.map(({ id }: { id: string }) => id)
}

/** Which sessions a revocation names. @throws Error when it names neither a user nor a session. */
export function revocationScope({ userId, sessionId, exceptSessionId }: Revocation): FindOptionsWhere<SessionEntity> {
  if (userId === undefined && sessionId === undefined) throw new Error('A revocation must name a user or a session.')
  const id = sessionId ?? (exceptSessionId === undefined ? undefined : Not(exceptSessionId))
  return { ...(userId !== undefined && { userId }), ...(id !== undefined && { id }) }
}
