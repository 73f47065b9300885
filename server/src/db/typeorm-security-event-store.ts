import type { DataSource } from 'typeorm'
import type { SecurityEventStore } from '../core/events/security-event-store.ts'
import type { RevocationReason, SecurityEvent, SecurityEventType } from '../core/model.ts'
import { decodeCursor, toPage } from '../core/page.ts'
import { SecurityEventEntity } from './entities/security-event.ts'
import { type RawSession, toSession } from './session-row.ts'
import { translating } from './translate-error.ts'

interface RawEvent {
  id: string
  user_id: string
  type: SecurityEventType
  at: Date
  ip_address: string | null
  user_agent: string | null
  reason: RevocationReason | null
  /** The row of the session as JSON, while it is kept. */
  session: (RawSession & Record<'rotated_at' | 'created_at' | 'last_seen_at' | 'expires_at', string>) | null
}

const select = `SELECT event.*, to_json(session) AS session
  FROM security_events AS event LEFT JOIN sessions AS session ON session.id = event.session_id`

export function createSecurityEventStore(dataSource: DataSource): SecurityEventStore {
  return {
    record: (event) =>
      translating(async () => {
        await dataSource.getRepository(SecurityEventEntity).insert(event)
      }),

    list: (userId, { first, after }) =>
      translating(async () => {
        const before = after === null ? null : decodeCursor(after, /^\d{1,18}$/)
        const rows: RawEvent[] = await dataSource.query(
          `${select} WHERE event.user_id = $1 AND ($2::bigint IS NULL OR event.id < $2)
           ORDER BY event.id DESC LIMIT $3`,
          [userId, before, first + 1],
        )
        return toPage(rows, first, ({ id }) => id, toEvent)
      }),

    find: (id) =>
      translating(async () => {
        const [row]: RawEvent[] = await dataSource.query(`${select} WHERE event.id = $1`, [id])
        return row === undefined ? null : toEvent(row)
      }),
  }
}

function toEvent(row: RawEvent): SecurityEvent {
  const { session } = row
  return {
    id: row.id,
    userId: row.user_id,
    type: row.type,
    at: row.at,
    ipAddress: row.ip_address,
    userAgent: row.user_agent,
    reason: row.reason,
    session:
      session &&
      toSession({
        ...session,
        rotated_at: new Date(session.rotated_at),
        created_at: new Date(session.created_at),
        last_seen_at: new Date(session.last_seen_at),
        expires_at: new Date(session.expires_at),
      }),
  }
}
