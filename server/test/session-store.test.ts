import { describe } from '@jest/globals'
import pg from 'pg'
import type { NewUser } from '../src/core/accounts/user-store.ts'
import {
  type Notification,
  type RecordedEvent,
  type SessionStoreHarness,
  sessionStoreContract,
} from '../src/core/sessions/session-store.contract.ts'
import { createDataSource } from '../src/db/data-source.ts'
import { migrate } from '../src/db/migrate.ts'
import { createSessionStore } from '../src/db/session-store.ts'
import { createUserStore } from '../src/db/user-store.ts'
import { createTestDatabase } from './support/database.ts'
import { addSessions, somebody } from './support/people.ts'
import { createTestClock } from './support/test-clock.ts'
import { until } from './support/until.ts'

describe('the session store on TypeORM and Postgres', () => sessionStoreContract(createHarness))

async function createHarness(): Promise<SessionStoreHarness> {
  const database = await createTestDatabase()
  const clock = await createTestClock(database.url)
  const dataSource = await createDataSource({ url: database.url, poolSize: 10 }).initialize()
  await migrate(database.url)
  const users = createUserStore(dataSource)
  const listener = await listen(database.url)
  return {
    store: createSessionStore(dataSource),
    async createUser() {
      const { email } = await users.create(newUser())
      const user = await users.findByEmail(email)
      if (user === null) throw new Error('The user was not created.')
      return user
    },
    newUser,
    addSessions: (userId, count) => addSessions(dataSource, userId, count),
    changeRights: async (userId) => void (await users.setRole({ userId, role: 'ADMIN', by: null })),
    advance: (ms) => clock.advance({ ms }),
    eventsOf: (userId) =>
      dataSource.query<RecordedEvent[]>(
        `SELECT type, session_id AS "sessionId", reason, actor_id AS by, ip_address AS "ipAddress", user_agent AS "userAgent"
         FROM security_events WHERE user_id = $1 ORDER BY id`,
        [userId],
      ),
    notifications: listener.take,
    async withoutEvents(work) {
      await dataSource.query('ALTER TABLE security_events RENAME TO security_events_away')
      try {
        return await work()
      } finally {
        await dataSource.query('ALTER TABLE security_events_away RENAME TO security_events')
      }
    },
    async close() {
      await listener.close()
      await dataSource.destroy()
      await clock.close()
      await database.drop()
    },
  }
}

function newUser(): NewUser {
  const { username, email } = somebody()
  return { username, email, passwordHash: 'not a hash', role: 'USER' }
}

/** Listens as an instance does. */
async function listen(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  let heard: (Notification | { readonly kind: 'marker' })[] = []
  client.on('notification', ({ payload }) => heard.push(JSON.parse(payload ?? '')))
  await client.query('LISTEN silent_refresh')
  return {
    /** Notifications arrive in the order of the commits, so all earlier ones have arrived once the marker has. */
    async take(): Promise<readonly Notification[]> {
      await client.query(`NOTIFY silent_refresh, '{"kind":"marker"}'`)
      await until(() => heard.at(-1)?.kind === 'marker')
      const taken = heard.filter((one) => one.kind !== 'marker')
      heard = []
      return taken
    },
    close: () => client.end(),
  }
}
