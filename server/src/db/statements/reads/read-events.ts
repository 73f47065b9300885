import type { SecurityEvent } from '../../../core/model.ts'
import { eventShape } from '../../entities/security-event.ts'
import { sessionShape } from '../../entities/session.ts'
import { prepared } from '../prepared.ts'

/** An event, and with the prefix `session.` the columns of its session, which are null when its row has been removed. */
export type EventRow = Omit<SecurityEvent, 'session'> & { readonly 'session.id': string | null }

const eventsWithSession = `
SELECT ${eventShape.columns('event')}, ${sessionShape.columns('s', 'session.')}
FROM security_events AS event LEFT JOIN sessions AS s ON s.id = event.session_id`

/** A page of a user's events, the latest first. $1 user  $2 the id before which the page begins  $3 how many at most */
export const listEventsStatement = prepared<EventRow>(
  'list-events',
  `${eventsWithSession}
WHERE event.user_id = $1::uuid AND event.id < $2::bigint
ORDER BY event.id DESC LIMIT $3::integer`,
)

/** $1 event */
export const findEventStatement = prepared<EventRow>('find-event', `${eventsWithSession} WHERE event.id = $1::bigint`)
