import { randomUUID } from 'node:crypto'
import type { DataSource } from 'typeorm'
import type { Outcome, SessionRow, SessionStore } from '../session/session-store.ts'
import type { Role } from '../session/user-store.ts'
import { SessionEntity } from './entities/session.ts'
import { rotateStatement } from './rotate-statement.ts'
import { translating } from './translate-error.ts'

/** A row of `sessions` as the driver returns it. */
interface RawSession {
  id: string
  user_id: string
  app_id: string | null
  device_id: string | null
  device_name: string | null
  user_agent: string | null
  ip_address: string | null
  generation: number
  rotated_at: Date
  created_at: Date
  last_seen_at: Date
  expires_at: Date
}

interface RawAnswer extends RawSession {
  last_outcome: Exclude<Outcome, 'unknown'>
  refresh_window_at: Date
  now: Date
  username: string
  email: string
  role: Role
  version: number
  user_created_at: Date
}

export function createSessionStore(dataSource: DataSource): SessionStore {
  return {
    open: (session) =>
      translating(() =>
        dataSource.transaction(async (transaction) => {
          // The lock makes a password change and a sign-in take turns: whichever comes second sees the other. One at a
          // time also for the sign-ins of one person, so that two on one device cannot both stay.
          const [holds] = await transaction.query(
            'SELECT 1 FROM users WHERE id = $1 AND credential_version = $2 FOR NO KEY UPDATE',
            [session.userId, session.credentialVersion],
          )
          if (holds === undefined) return null
          const id = randomUUID()
          if (session.deviceId !== null) {
            await transaction.query(
              `UPDATE sessions SET revoked_at = now(), revoked_reason = 'REPLACED'
               WHERE user_id = $1 AND app_id IS NOT DISTINCT FROM $2 AND device_id = $3
                 AND revoked_at IS NULL AND expires_at > now()`,
              [session.userId, session.appId, session.deviceId],
            )
          }
          const [opened] = await transaction.query(
            `INSERT INTO sessions (
               id, user_id, app_id, device_id, device_name, user_agent, ip_address,
               rotated_at, created_at, last_seen_at, refresh_window_at, absolute_expires_at, expires_at
             ) SELECT $1, $2, $3, $4, $5, $6, $7, now(), now(), now(), now(), ends_at,
                 LEAST(now() + $8::float8 * interval '1 millisecond', ends_at)
               FROM (SELECT now() + $9::float8 * interval '1 millisecond' AS ends_at) AS absolute
             RETURNING *, now() AS now`,
            [
              id,
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
          return { session: toSession(opened), now: opened.now }
        }),
      ),

    rotate: (presentation) =>
      translating(async () => {
        const [answer]: RawAnswer[] = await dataSource.query(rotateStatement, [
          presentation.sessionId,
          presentation.generation,
          presentation.gracePeriodMs,
          presentation.rotates,
          presentation.extendsByMs,
          presentation.refreshesPerMinute,
          presentation.userAgent,
          presentation.ipAddress,
        ])
        if (answer === undefined) return { outcome: 'unknown' }
        switch (answer.last_outcome) {
          case 'rotated':
          case 'repeated':
            return { outcome: answer.last_outcome, session: toSession(answer), user: toUser(answer), now: answer.now }
          case 'limited':
            return {
              outcome: 'limited',
              retryAfterMs: answer.refresh_window_at.getTime() + 60_000 - answer.now.getTime(),
            }
          default:
            return { outcome: answer.last_outcome }
        }
      }),

    revoke: (sessionId, reason) =>
      translating(async () => {
        const [, count] = await dataSource.query(
          `UPDATE sessions SET revoked_at = now(), revoked_reason = $2
           WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()`,
          [sessionId, reason],
        )
        return count > 0
      }),

    listLive: (userId) =>
      translating(async () => {
        const rows = await dataSource
          .getRepository(SessionEntity)
          .createQueryBuilder('session')
          .where('session.userId = :userId AND session.revokedAt IS NULL AND session.expiresAt > now()', { userId })
          .orderBy('session.lastSeenAt', 'DESC')
          .addOrderBy('session.id')
          .getMany()
        return rows.map(
          ({ id, userId, appId, deviceId, deviceName, userAgent, ipAddress, generation, ...times }): SessionRow => ({
            ...{ id, userId, appId, deviceId, deviceName, userAgent, ipAddress, generation },
            rotatedAt: times.rotatedAt,
            createdAt: times.createdAt,
            lastSeenAt: times.lastSeenAt,
            expiresAt: times.expiresAt,
          }),
        )
      }),
  }
}

function toSession(row: RawSession): SessionRow {
  return {
    id: row.id,
    userId: row.user_id,
    appId: row.app_id,
    deviceId: row.device_id,
    deviceName: row.device_name,
    userAgent: row.user_agent,
    ipAddress: row.ip_address,
    generation: row.generation,
    rotatedAt: row.rotated_at,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
  }
}

function toUser(row: RawAnswer) {
  return {
    id: row.user_id,
    username: row.username,
    email: row.email,
    role: row.role,
    version: row.version,
    createdAt: row.user_created_at,
  }
}
