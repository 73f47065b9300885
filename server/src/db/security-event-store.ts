import type { DataSource } from 'typeorm'
import type { SecurityEventStore } from '../core/events/security-event-store.ts'
import type { SecurityEvent } from '../core/model.ts'
import { decodeCursor, toPage } from '../core/page.ts'
import { SecurityEventEntity } from './entities/security-event.ts'
import { toSession } from './entities/session.ts'
import { translatingErrors } from './translate-error.ts'

export function createSecurityEventStore(dataSource: DataSource): SecurityEventStore {
  const repository = dataSource.getRepository(SecurityEventEntity)
  const withSession = () => repository.createQueryBuilder('event').leftJoinAndSelect('event.session', 'session')

  return translatingErrors<SecurityEventStore>({
    async record(event) {
      await repository.insert({ ...event }) // `insert` adds the generated columns to the object it is given
    },

    async list(userId, { first, after }) {
      // An event joins at most one session, so `limit` counts events; `take` would cost a second statement.
      const query = withSession()
        .where({ userId })
        .orderBy('event.id', 'DESC')
        .limit(first + 1)
      if (after !== null) query.andWhere('event.id < :before', { before: decodeCursor(after, /^\d{1,18}$/) })
      return toPage(await query.getMany(), first, ({ id }) => id, toEvent)
    },

    async find(id) {
      const event = await withSession().where({ id }).getOne()
      return event && toEvent(event)
    },
  })
}

function toEvent(event: SecurityEventEntity): SecurityEvent {
  const { id, userId, type, at, ipAddress, userAgent, reason, session } = event
  return { id, userId, type, at, ipAddress, userAgent, reason, session: session && toSession(session) }
}
