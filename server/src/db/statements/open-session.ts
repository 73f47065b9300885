import { randomUUID } from 'node:crypto'
import type { DataSource, EntityManager } from 'typeorm'
import type { RevocationReason, Session } from '../../core/model.ts'
import type { NewSession } from '../../core/sessions/session-store.ts'
import { toSession } from '../session-row.ts'

/**
 * Opens a session and ends those it takes the place of; null when the credentials changed since they were checked.
 * @see PROTOCOL.md S1, S12–S14
 */
export function openSession(
  dataSource: DataSource,
  session: NewSession,
): Promise<{ session: Session; ended: string[]; now: Date } | null> {
  return dataSource.transaction(async (transaction) => {
    // The lock makes a password change and a sign-in take turns: whichever comes second sees the other. One at a time
    // also for the sign-ins of one person, so that two on one device cannot both stay.
    const [holds] = await transaction.query(
      'SELECT 1 FROM users WHERE id = $1 AND credential_version = $2 FOR NO KEY UPDATE',
      [session.userId, session.credentialVersion],
    )
    if (holds === undefined) return null
    const replaced = session.deviceId === null ? [] : await endSameDevice(transaction, session)
    const tooMany = session.maxSessions === 0 ? [] : await endOldest(transaction, session)
    const [opened] = await transaction.query(
      `INSERT INTO sessions (
         id, user_id, app_id, device_id, device_name, user_agent, ip_address,
         rotated_at, created_at, last_seen_at, refresh_window_at, absolute_expires_at, expires_at
       ) SELECT $1, $2, $3, $4, $5, $6, $7, now(), now(), now(), now(), ends_at,
           LEAST(now() + $8::float8 * interval '1 millisecond', ends_at)
         FROM (SELECT now() + $9::float8 * interval '1 millisecond' AS ends_at) AS absolute
       RETURNING *, now() AS now`,
      [
        randomUUID(),
        session.userId,
        session.appId,
        session.deviceId,
        session.deviceName,
        session.userAgent,
        session.ipAddress,
        session.refreshTtlMs,
        session.absoluteTtlMs,
      ],
    )
    await transaction.query(
      `INSERT INTO security_events (user_id, session_id, type, at, ip_address, user_agent)
       VALUES ($1, $2, 'SIGNED_IN', now(), $3, $4)`,
      [session.userId, opened.id, session.ipAddress, session.userAgent],
    )
    return { session: toSession(opened), ended: [...replaced, ...tooMany], now: opened.now }
  })
}

const endSameDevice = (transaction: EntityManager, { userId, appId, deviceId }: NewSession) =>
  end(
    transaction,
    'REPLACED',
    `SELECT id FROM sessions WHERE user_id = $2 AND app_id IS NOT DISTINCT FROM $3 AND device_id = $4
     AND revoked_at IS NULL AND expires_at > now()`,
    [userId, appId, deviceId],
  )

/** Leaves room for one more. */
const endOldest = (transaction: EntityManager, { userId, maxSessions }: NewSession) =>
  end(
    transaction,
    'TOO_MANY_SESSIONS',
    `SELECT id FROM sessions WHERE user_id = $2 AND revoked_at IS NULL AND expires_at > now()
     ORDER BY created_at DESC, id OFFSET $3`,
    [userId, maxSessions - 1],
  )

async function end(
  transaction: EntityManager,
  reason: RevocationReason,
  which: string,
  parameters: unknown[],
): Promise<string[]> {
  const [rows] = await transaction.query(
    `UPDATE sessions SET revoked_at = now(), revoked_reason = $1
     WHERE id IN (${which}) AND revoked_at IS NULL RETURNING id`,
    [reason, ...parameters],
  )
  return rows.map(({ id }: { id: string }) => id)
}
