import type { Session } from '../../../core/model.ts'
import { sessionShape } from '../../entities/session.ts'
import { prepared } from '../prepared.ts'

/**
 * The live sessions of a user: one of them first, if it is among them, then the most recently used.
 *
 * $1 user  $2 the session to put first, or null  $3 how many at most
 * @see PROTOCOL.md S14
 */
export const listLiveStatement = prepared<Session>(
  'list-live',
  `
SELECT ${sessionShape.columns('s')} FROM sessions AS s
WHERE s.user_id = $1::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
ORDER BY s.id = $2::uuid DESC, s.last_seen_at DESC, s.id
LIMIT $3::integer`,
)

/** What decides whether an access token is still good. $1 session @see PROTOCOL.md S15 */
export const refusalStatement = prepared<{ isRevoked: boolean; userVersion: number }>(
  'refusal',
  `
SELECT s.revoked_at IS NOT NULL AS "isRevoked", users.version AS "userVersion"
FROM sessions AS s JOIN users ON users.id = s.user_id
WHERE s.id = $1::uuid`,
)
