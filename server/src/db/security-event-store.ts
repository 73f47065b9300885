import type { DataSource } from 'typeorm'
import type { SecurityEventStore } from '../core/events/security-event-store.ts'
import type { SecurityEvent } from '../core/model.ts'
import { decodeCursor, toPage } from '../core/page.ts'
import { eventShape, SecurityEventEntity } from './entities/security-event.ts'
import { sessionShape } from './entities/session.ts'
import { run } from './statements/prepared.ts'
import { type EventRow, findEventStatement, listEventsStatement } from './statements/reads/read-events.ts'
import { translatingErrors } from './translate-error.ts'

/** No id is higher: the largest bigint. */
const BEYOND_ALL = '9223372036854775807'

export function createSecurityEventStore(dataSource: DataSource): SecurityEventStore {
  const repository = dataSource.getRepository(SecurityEventEntity)

  return translatingErrors<SecurityEventStore>({
    async record(event) {
      await repository.insert({ ...event }) // `insert` adds the generated columns to the object it is given
    },

    async list(userId, { first, after }) {
      const before = after === null ? BEYOND_ALL : decodeCursor(after, /^\d{1,18}$/)
      const rows = await run(dataSource.manager, listEventsStatement, [userId, before, first + 1])
      return toPage(rows, first, ({ id }) => id, toEvent)
    },

    async find(id) {
      const [row] = await run(dataSource.manager, findEventStatement, [id])
      return row === undefined ? null : toEvent(row)
    },
  })
}

const toEvent = (row: EventRow): SecurityEvent => ({
  ...eventShape.read(row),
  session: row['session.id'] === null ? null : sessionShape.read(row, 'session.'),
})
