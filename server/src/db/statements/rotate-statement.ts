import type { Outcome } from '../../core/sessions/session-store.ts'
import { sessionShape } from '../entities/session.ts'
import { userShape } from '../entities/user.ts'
import { prepared } from './prepared.ts'

/** What both statements return beside the columns of the session and, with the prefix `user.`, of the user. */
export interface RotatedRow {
  readonly outcome: Exclude<Outcome, 'unknown'>
  readonly refreshWindowAt: Date
  readonly now: Date
}

/*
 * A presented token is answered in autocommit by one of two statements. The first is for the ordinary answer, and the
 * second, which can give every answer, runs only when the first has found nothing to do.
 *
 * Why an UPDATE decides. It locks the row it changes. A second UPDATE of the same row waits, and Postgres then evaluates it
 * again against the row as the first one left it (READ COMMITTED). So of any number of concurrent requests, on any number of
 * instances, exactly one finds the generation equal and rotates. The others find it one ahead and, within the grace period,
 * get the same successor. Reading first and deciding in the program would need a separate lock, or lose races.
 *
 * Why there are two. All that an answer needs beside a plain UPDATE is for the others: the event, the revocation, the
 * decision itself (measured in docs/decisions/0011-named-statements.md). The first decides nothing that the second one would decide
 * differently, and has no effect when it matches no row, so each answer is still the work of a single statement. A test
 * compares the two (rotate-statement.test.ts).
 *
 * Why they stay cheap. The row is found by its primary key, and a rotation changes no indexed column. So the new version of
 * the row goes to the same page without touching an index (HOT), and later reads of the page remove the old one.
 *
 * $1 session  $2 presented generation  $3 grace period, ms  $4 rotates?  $5 extends the expiry by, ms (null: does not)
 * $6 refreshes per minute (0: no limit)  $7 user agent  $8 IP address
 * $9 when the presented token expires, in seconds since the Unix epoch
 */
const tokenHasExpired = 'to_timestamp($9::float8) <= now()'
const isInSameWindow = `now() < s.refresh_window_at + interval '1 minute'`
const isLimited = `$6::integer > 0 AND s.refresh_count >= $6::integer AND ${isInSameWindow}`
const rotates = 's.generation = $2::integer AND $4::boolean'
// The last response may have been lost. A request that waited for the rotation began before it. Without a grace period,
// presenting the previous generation is reuse nevertheless.
const isPrevious = `s.generation = $2::integer + 1 AND $3::float8 > 0
  AND now() < s.rotated_at + $3::float8 * interval '1 millisecond'`
const extendedExpiry = `LEAST(now() + $5::float8 * interval '1 millisecond', s.absolute_expires_at)`

const answered = (session: string) => `
  ${sessionShape.columns(session)}, ${userShape.columns('users', 'user.')},
  ${session}.last_outcome AS outcome, ${session}.refresh_window_at AS "refreshWindowAt", now() AS now`

/**
 * Answers the current generation, or within the grace period the previous one, of a live session whose address is the same
 * as before: `rotated` or `repeated`. In all other cases it changes nothing and returns no row.
 * @see PROTOCOL.md S5–S7, S12, S19
 */
export const ordinaryRotation = prepared<RotatedRow>(
  'ordinary-rotation',
  `
UPDATE sessions AS s SET
  last_outcome = CASE WHEN ${rotates} THEN 'rotated' ELSE 'repeated' END,
  generation = CASE WHEN ${rotates} THEN s.generation + 1 ELSE s.generation END,
  rotated_at = CASE WHEN ${rotates} THEN now() ELSE s.rotated_at END,
  expires_at = CASE WHEN ${rotates} AND $5::float8 IS NOT NULL THEN ${extendedExpiry} ELSE s.expires_at END,
  last_seen_at = now(),
  user_agent = $7::text,
  refresh_window_at = CASE WHEN ${isInSameWindow} THEN s.refresh_window_at ELSE now() END,
  refresh_count = CASE WHEN ${isInSameWindow} THEN s.refresh_count + 1 ELSE 1 END
FROM users
WHERE s.id = $1::uuid AND users.id = s.user_id
  AND NOT ${tokenHasExpired} AND s.revoked_at IS NULL AND s.expires_at > now()
  AND (s.generation = $2::integer OR ${isPrevious})
  AND NOT (${isLimited})
  AND s.ip_address IS NOT DISTINCT FROM $8::text
RETURNING ${answered('s')}`,
)

/**
 * Answers any presented token.
 *
 * Why there is a `decision`. The outcome is decided once, from the row as it is under the lock, and every new value depends
 * on it. `last_outcome` returns it, because RETURNING sees only the new row before Postgres 18.
 *
 * Why reuse is revoked here. If a second statement revoked the session, a crash between the two could leave the thief's
 * tokens valid. Here the row that proves the reuse is the row that ends the session, and the event is written with it.
 * @see PROTOCOL.md S5–S9, S12, S19
 */
export const anyRotation = prepared<RotatedRow>(
  'any-rotation',
  `
WITH answered AS (
  UPDATE sessions AS s
  SET (
    last_outcome, generation, rotated_at, expires_at,
    last_seen_at, user_agent, ip_address,
    refresh_window_at, refresh_count,
    revoked_at, revoked_reason, address_changed_at
  ) = (
    SELECT
      outcome,
      CASE WHEN outcome = 'rotated' THEN s.generation + 1 ELSE s.generation END,
      CASE WHEN outcome = 'rotated' THEN now() ELSE s.rotated_at END,
      CASE WHEN outcome = 'rotated' AND $5::float8 IS NOT NULL THEN ${extendedExpiry} ELSE s.expires_at END,
      CASE WHEN continues THEN now() ELSE s.last_seen_at END,
      CASE WHEN continues THEN $7::text ELSE s.user_agent END,
      CASE WHEN continues THEN $8::text ELSE s.ip_address END,
      CASE WHEN continues AND NOT same_window THEN now() ELSE s.refresh_window_at END,
      CASE WHEN NOT continues THEN s.refresh_count WHEN same_window THEN s.refresh_count + 1 ELSE 1 END,
      CASE WHEN outcome = 'reused' THEN now() ELSE s.revoked_at END,
      CASE WHEN outcome = 'reused' THEN 'REFRESH_TOKEN_REUSED' ELSE s.revoked_reason END,
      CASE WHEN continues AND s.ip_address IS DISTINCT FROM $8::text THEN now() ELSE s.address_changed_at END
    FROM (
      SELECT outcome, same_window, outcome IN ('rotated', 'repeated') AS continues
      FROM (
        SELECT ${isInSameWindow} AS same_window,
          CASE
            WHEN ${tokenHasExpired} THEN 'expired'
            WHEN s.revoked_at IS NOT NULL THEN 'revoked'
            WHEN s.expires_at <= now() THEN 'expired'
            WHEN s.generation < $2::integer THEN 'ahead'
            WHEN s.generation > $2::integer AND NOT (${isPrevious}) THEN 'reused'
            WHEN ${isLimited} THEN 'limited'
            WHEN ${rotates} THEN 'rotated'
            ELSE 'repeated'
          END AS outcome
      ) AS decided
    ) AS decision
  )
  WHERE s.id = $1::uuid
  RETURNING s.*
), recorded AS (
  INSERT INTO security_events (user_id, session_id, type, at, ip_address, user_agent)
  SELECT user_id, id, type, now(), $8::text, $7::text
  FROM answered CROSS JOIN LATERAL (
    SELECT CASE
      WHEN last_outcome = 'reused' THEN 'REFRESH_TOKEN_REUSED'
      WHEN last_outcome IN ('rotated', 'repeated') AND address_changed_at = now() THEN 'REFRESHED_FROM_NEW_ADDRESS'
    END AS type
  ) AS event
  WHERE type IS NOT NULL
)
SELECT ${answered('answered')}
FROM answered JOIN users ON users.id = answered.user_id`,
)
