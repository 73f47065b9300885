import type { DataSource, EntityManager } from 'typeorm'
import type { Revocation } from '../../core/sessions/session-store.ts'

/**
 * Ends live sessions in one statement and gives their ids; triggers tell every instance and write the events.
 * @see PROTOCOL.md S14, S15
 */
export async function revokeSessions(
  database: DataSource | EntityManager,
  { reason, by, userId, sessionId, exceptSessionId }: Revocation,
): Promise<string[]> {
  if (userId === undefined && sessionId === undefined) throw new Error('A revocation names a person or a session.')
  const [rows] = await database.query(
    `UPDATE sessions SET revoked_at = now(), revoked_reason = $1, revoked_by = $2
     WHERE ($3::uuid IS NULL OR user_id = $3) AND ($4::uuid IS NULL OR id = $4) AND ($5::uuid IS NULL OR id <> $5)
       AND revoked_at IS NULL AND expires_at > now()
     RETURNING id`,
    [reason, by, userId ?? null, sessionId ?? null, exceptSessionId ?? null],
  )
  return rows.map(({ id }: { id: string }) => id)
}
