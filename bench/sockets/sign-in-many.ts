import type { Session, User } from '../../server/src/core/model.ts'
import { createAccessTokens } from '../../server/src/core/tokens/access-token.ts'
import { createKeyring } from '../../server/src/core/tokens/keyring.ts'
import { query } from '../processes/bench-postgres.ts'

const DAY_SECONDS = 86_400

/**
 * Signs in many users, each on one device, without passwords: it stores the sessions and signs the tokens itself.
 * @param secret the server's, with the key id `bench`
 * @returns an access token for each
 */
export async function signInMany(databaseUrl: string, secret: string, count: number): Promise<string[]> {
  const rows = await query<{ userId: string; sessionId: string; username: string }>(
    databaseUrl,
    `WITH person AS (
       INSERT INTO users (username, username_key, email, password_hash)
       SELECT 'many-' || n, 'many-' || n, 'many-' || n || '@example.com', '-' FROM generate_series(1, $1::integer) AS n
       RETURNING id, username
     ), session AS (
       INSERT INTO sessions (id, user_id, rotated_at, created_at, last_seen_at, refresh_window_at, expires_at)
       SELECT gen_random_uuid(), id, now(), now(), now(), now(), now() + interval '7 days' FROM person
       RETURNING id, user_id
     )
     SELECT person.id AS "userId", person.username, session.id AS "sessionId"
     FROM person JOIN session ON session.user_id = person.id`,
    [count],
  )
  const access = createAccessTokens(
    {
      keys: createKeyring([{ kid: 'bench', secret }]),
      ...{ issuer: 'silent-refresh', audience: 'silent-refresh' },
      clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    },
    DAY_SECONDS,
  )
  const now = new Date()
  return rows.map(({ userId, sessionId, username }) => {
    const user: User = { id: userId, username, email: '', role: 'USER', version: 1, createdAt: now }
    const session: Session = {
      ...{ id: sessionId, userId, appId: null, deviceId: null, deviceName: null, userAgent: null, ipAddress: null },
      ...{ generation: 0, rotatedAt: now, createdAt: now, lastSeenAt: now },
      expiresAt: new Date(now.getTime() + 7 * DAY_SECONDS * 1_000),
    }
    return access.sign(user, session, now)
  })
}
