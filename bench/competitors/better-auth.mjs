// better-auth with email and password on Postgres, as its documentation sets it up; without its rate limits.
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import pg from 'pg'

const { PORT, DATABASE_URL, CONNECTIONS, UPDATE_AGE } = process.env

const options = {
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: 'the secret of a benchmark, which is long enough for better-auth',
  database: new pg.Pool({ connectionString: DATABASE_URL, max: 10 }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  // How old a session has to be until it is extended, in seconds; a day unless set.
  ...(UPDATE_AGE !== undefined && { session: { updateAge: Number(UPDATE_AGE) } }),
}
const auth = betterAuth(options)
const { runMigrations } = await getMigrations(options)
await runMigrations()

const cookies = []
for (let index = 1; index <= Number(CONNECTIONS); index += 1) {
  const body = { name: `Person ${index}`, email: `person-${index}@example.com`, password: 'a password for a benchmark' }
  const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true })
  cookies.push(
    headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; '),
  )
}
createServer(toNodeHandler(auth)).listen(Number(PORT), '127.0.0.1', () => process.send?.({ cookies }))
