import type { Session } from '../../core/model.ts'
import { sessionShape } from '../entities/session.ts'
import { prepared } from './prepared.ts'

/** Renames a live session of a user. $1 user  $2 session  $3 name, or null @see PROTOCOL.md S14 */
export const renameStatement = prepared<Session>(
  'rename',
  `
UPDATE sessions AS s SET device_name = $3::text
WHERE s.id = $2::uuid AND s.user_id = $1::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
RETURNING ${sessionShape.columns('s')}`,
)
