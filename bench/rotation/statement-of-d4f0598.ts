/**
 * The statement of a rotation as it was at commit d4f0598, kept for comparison: it was planned anew for each refresh, and
 * did the work for every outcome. The parameters are those of the current statement.
 */
export const oldRotateStatement = `
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
      CASE WHEN outcome = 'rotated' AND $5::float8 IS NOT NULL
        THEN LEAST(now() + $5::float8 * interval '1 millisecond', s.absolute_expires_at)
        ELSE s.expires_at END,
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
        SELECT now() < s.refresh_window_at + interval '1 minute' AS same_window,
          CASE
            WHEN to_timestamp($9::float8) <= now() THEN 'expired'
            WHEN s.revoked_at IS NOT NULL THEN 'revoked'
            WHEN s.expires_at <= now() THEN 'expired'
            WHEN s.generation < $2::integer THEN 'ahead'
            -- Spent. The previous generation is not reuse within the grace period: the last response may have been lost.
            WHEN s.generation > $2::integer
              -- A request that waited for the rotation began before it. Without a grace period it is reuse nevertheless.
              AND NOT (s.generation = $2::integer + 1 AND $3::float8 > 0
                AND now() < s.rotated_at + $3::float8 * interval '1 millisecond')
              THEN 'reused'
            WHEN $6::integer > 0 AND s.refresh_count >= $6::integer
              AND now() < s.refresh_window_at + interval '1 minute'
              THEN 'limited'
            WHEN s.generation = $2::integer AND $4::boolean THEN 'rotated'
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
SELECT answered.*, now() AS now,
  users.username, users.email, users.role, users.version, users.created_at AS user_created_at
FROM answered JOIN users ON users.id = answered.user_id`
