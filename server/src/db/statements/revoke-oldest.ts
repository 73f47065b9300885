import type { EntityManager } from 'typeorm'
import type { Revocation } from '../../core/sessions/session-store.ts'
import { prepared, run } from './prepared.ts'

/** How many sessions one statement revokes at most, so that it stays far below the statement timeout. */
export const MAX_REVOKED_AT_ONCE = 1_000

/**
 * Why it is one hand-written statement. It chooses the oldest sessions in the snapshot of the statement, locks them in their
 * order and revokes those that are still live under the lock. So two of them cannot deadlock, a session is revoked once, and
 * a session that is not among the chosen ones never takes the place of one that somebody else revoked meanwhile. TypeORM
 * cannot lock and update rows in one statement. Triggers write the events and notify all instances (migration 0005).
 *
 * Why it is cheap however many sessions a user has. An index contains a user's unrevoked sessions by age (migration 0008), and
 * arrays of ids instead of joins leave the planner no choice that compares each row with each other.
 *
 * $1 user  $2 session to leave out, or null  $3 how many of the newest to leave  $4 reason  $5 by
 * $6 the version that the user's credentials must have, or null
 */
const revokeOldestStatement = prepared<{ found: number; ended: string[] }>(
  'revoke-oldest',
  `
WITH oldest AS (
  SELECT id, created_at
  FROM (
    SELECT id, created_at FROM sessions
    WHERE user_id = $1::uuid AND revoked_at IS NULL AND expires_at > now() AND id IS DISTINCT FROM $2::uuid
      AND ($6::integer IS NULL OR $6::integer = (SELECT credential_version FROM users WHERE id = $1::uuid))
    ORDER BY created_at, id LIMIT $3::integer + ${MAX_REVOKED_AT_ONCE}
  ) AS by_age
  ORDER BY created_at DESC, id DESC OFFSET $3::integer
), locked AS (
  SELECT id FROM sessions
  WHERE id = ANY (ARRAY(SELECT id FROM oldest)) AND revoked_at IS NULL AND expires_at > now()
  ORDER BY created_at, id
  FOR NO KEY UPDATE
), ended AS (
  UPDATE sessions SET revoked_at = now(), revoked_reason = $4::text, revoked_by = $5::uuid
  WHERE id = ANY (ARRAY(SELECT id FROM locked))
  RETURNING id
)
SELECT (SELECT count(*)::integer FROM oldest) AS found, ARRAY(SELECT id FROM ended) AS ended`,
)

/** Which sessions of a user to revoke, and why. */
export interface OldestSessions extends Pick<Revocation, 'reason' | 'by' | 'exceptSessionId'> {
  readonly userId: string
  /** How many of the newest sessions stay. */
  readonly keep: number
  /** Revokes nothing unless the user's credentials have this version. */
  readonly credentialVersion?: number
}

/**
 * Revokes the user's oldest live sessions beyond `keep`, at most 1,000 of them.
 * @returns the ids of the sessions it revoked, and whether there may be more.
 * @see PROTOCOL.md S13, S14
 */
export async function revokeOldest(
  manager: EntityManager,
  { userId, exceptSessionId, keep, reason, by, credentialVersion }: OldestSessions,
): Promise<{ readonly ended: readonly string[]; readonly hasMore: boolean }> {
  const values = [userId, exceptSessionId ?? null, keep, reason, by, credentialVersion ?? null]
  const [{ found, ended } = { found: 0, ended: [] }] = await run(manager, revokeOldestStatement, values)
  // What counts is how many it found: another statement may have revoked them first.
  return { ended, hasMore: found === MAX_REVOKED_AT_ONCE }
}

/** Revokes all of the user's live sessions beyond `keep`, statement by statement, and returns their ids. */
export async function revokeAllOldest(manager: EntityManager, sessions: OldestSessions): Promise<string[]> {
  const all: string[] = []
  for (let hasMore = true; hasMore; ) {
    const batch = await revokeOldest(manager, sessions)
    for (const id of batch.ended) all.push(id)
    hasMore = batch.hasMore
  }
  return all
}
