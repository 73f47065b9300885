import { randomUUID } from 'node:crypto'
import { somebody } from '../../server/test/support/people.ts'
import { createTestClient } from '../../server/test/support/test-client.ts'
import { query } from './bench-postgres.ts'

export interface SignedIn {
  readonly userId: string
  readonly email: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** The password of everyone who signs up here. */
export const { password } = somebody()

/** Creates a user on our server who is signed in on one device. */
export async function signUp(url: string): Promise<SignedIn> {
  const device = { appId: 'bench', deviceId: randomUUID(), deviceName: "Ada's laptop" }
  const { user, accessToken, refreshToken } = await createTestClient(url).register(somebody(device))
  return { userId: user.id, email: user.email, accessToken, refreshToken: refreshToken ?? '' }
}

/** Gives every user more sessions on other devices, and older entries in the security log. */
export async function addHistory(
  databaseUrl: string,
  { sessions, events }: { readonly sessions: number; readonly events: number },
): Promise<void> {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
  await query(
    databaseUrl,
    `INSERT INTO sessions (id, user_id, app_id, device_id, device_name, user_agent, ip_address, rotated_at, created_at,
       last_seen_at, refresh_window_at, expires_at)
     SELECT gen_random_uuid(), users.id, 'bench', gen_random_uuid()::text, 'Device ' || n, $2, '192.0.2.' || n, now(), now(),
       now() - n * interval '1 hour', now(), now() + interval '7 days'
     FROM users, generate_series(1, $1::integer) AS n`,
    [sessions, agent],
  )
  await query(
    databaseUrl,
    `INSERT INTO security_events (user_id, session_id, type, at, ip_address, user_agent)
     SELECT sessions.user_id, sessions.id, 'REFRESHED_FROM_NEW_ADDRESS', now() - n * interval '1 minute', '192.0.2.' || n, $2
     FROM generate_series(1, $1::integer) AS n
     JOIN LATERAL (SELECT DISTINCT ON (user_id) user_id, id FROM sessions) AS sessions ON true`,
    [events, agent],
  )
}
