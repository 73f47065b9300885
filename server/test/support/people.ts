import type { DataSource } from 'typeorm'
import type { TestServer } from './test-server.ts'

let count = 0

/** Input for a user that no other test of the same database has. */
export function somebody(more: Record<string, unknown> = {}) {
  count += 1
  return {
    username: `person-${count}`,
    email: `person-${count}@example.com`,
    password: 'correct horse battery staple',
    ...more,
  }
}

/** What the user signs in with. */
export const credentials = ({ email, password }: { email: string; password: string }) => ({ email, password })

/** Registers an admin. @returns the access token */
export async function registerAdmin(server: TestServer): Promise<string> {
  const person = somebody()
  await server.client().register(person)
  await server.dataSource.query(`UPDATE users SET role = 'ADMIN' WHERE email = $1`, [person.email])
  return (await server.client().login(credentials(person))).accessToken
}

/** Adds live sessions of a user without a sign-in, each a second older than the one before it. */
export async function addSessions(dataSource: DataSource, userId: string, count: number): Promise<void> {
  await dataSource.query(
    `INSERT INTO sessions (id, user_id, rotated_at, created_at, last_seen_at, refresh_window_at, expires_at)
     SELECT gen_random_uuid(), $1, now(), now() - n * interval '1 second', now(), now(), now() + interval '1 day'
     FROM generate_series(1, $2::integer) AS n`,
    [userId, count],
  )
}
