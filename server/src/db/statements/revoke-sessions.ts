import { type EntityManager, type FindOptionsWhere, IsNull, Raw } from 'typeorm'
import type { Revocation } from '../../core/sessions/session-store.ts'
import { SessionEntity } from '../entities/session.ts'
import { prepared, run } from './prepared.ts'
import { revokeAllOldest } from './revoke-oldest.ts'

/** Neither revoked nor expired, by the database's clock. */
const live = {
  revokedAt: IsNull(),
  expiresAt: Raw((column) => `${column} > now()`),
} satisfies FindOptionsWhere<SessionEntity>

/**
 * Revokes those of the given sessions that are live, and returns their ids. Use it for a few sessions only: it revokes all
 * of them in one statement. It must be a single conditional UPDATE: of two concurrent revocations the second waits for the
 * row, finds the session no longer live, and does not report it again. Triggers write the `SESSION_ENDED` events and notify
 * all instances within the same transaction (migration 0005).
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

/** The same for one session. $1 session  $2 user, or null for any  $3 reason  $4 by */
const revokeOneStatement = prepared<{ id: string }>(
  'revoke-one',
  `
UPDATE sessions SET revoked_at = now(), revoked_reason = $3::text, revoked_by = $4::uuid
WHERE id = $1::uuid AND ($2::uuid IS NULL OR user_id = $2::uuid) AND revoked_at IS NULL AND expires_at > now()
RETURNING id`,
)

/**
 * Revokes the live sessions that a revocation names: one session at once, those of a user in batches.
 * @throws Error when it names neither a user nor a session.
 */
export async function revokeNamed(manager: EntityManager, revocation: Revocation): Promise<readonly string[]> {
  const { userId, sessionId, reason, by } = revocation
  if (sessionId !== undefined) {
    const revoked = await run(manager, revokeOneStatement, [sessionId, userId ?? null, reason, by])
    return revoked.map(({ id }) => id)
  }
  if (userId === undefined) throw new Error('A revocation must name a user or a session.')
  return revokeAllOldest(manager, { ...revocation, userId, keep: 0 })
}
