import type { DataSource } from 'typeorm'
import type { Role } from '../core/model.ts'
import type { Outcome, SessionStore } from '../core/sessions/session-store.ts'
import { type RawSession, toSession } from './session-row.ts'
import { openSession } from './statements/open-session.ts'
import { revokeSessions } from './statements/revoke-sessions.ts'
import { rotateStatement } from './statements/rotate-statement.ts'
import { translating } from './translate-error.ts'

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
    open: (session) => translating(() => openSession(dataSource, session)),

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

    revoke: (revocation) => translating(() => revokeSessions(dataSource, revocation)),

    listLive: (userId, page) =>
      translating(async () => {
        const rows: RawSession[] = await dataSource.query(
          `SELECT * FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
           ORDER BY id = $2 DESC, last_seen_at DESC, id LIMIT $3`,
          [userId, page?.firstId, page?.atMost],
        )
        return rows.map(toSession)
      }),

    rename: (userId, sessionId, deviceName) =>
      translating(async () => {
        const [[row]]: [RawSession[], number] = await dataSource.query(
          `UPDATE sessions SET device_name = $3
           WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > now() RETURNING *`,
          [sessionId, userId, deviceName],
        )
        return row === undefined ? null : toSession(row)
      }),

    touch: (lastSeenMs) =>
      translating(async () => {
        // A row that somebody has locked is passed over: it is being rotated, which notes the time too, or ended. So this
        // statement over many rows waits for nobody, and no two that take them in another order wait for each other.
        await dataSource.query(
          `UPDATE sessions SET last_seen_at = free.at
           FROM (
             SELECT sessions.id, seen.at
             FROM (SELECT unnest($1::uuid[]) AS id, to_timestamp(unnest($2::float8[]) / 1000) AS at) AS seen
             JOIN sessions ON sessions.id = seen.id
             WHERE sessions.last_seen_at < seen.at AND sessions.revoked_at IS NULL
             FOR NO KEY UPDATE OF sessions SKIP LOCKED
           ) AS free
           WHERE sessions.id = free.id`,
          [[...lastSeenMs.keys()], [...lastSeenMs.values()]],
        )
      }),

    refusalOf: ({ sessionId, userVersion }) =>
      translating(async () => {
        const [row]: { over: boolean; version: number }[] = await dataSource.query(
          `SELECT sessions.revoked_at IS NOT NULL AS over, users.version
           FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = $1`,
          [sessionId],
        )
        if (row === undefined || row.over) return 'SESSION_REVOKED'
        return userVersion < row.version ? 'TOKEN_EXPIRED' : null
      }),
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
