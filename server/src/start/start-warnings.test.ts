import { expect, it } from '@jest/globals'
import { loadConfig } from '../config.ts'
import { laxSettings, unencryptedDatabases } from './start-warnings.ts'

const secrets = {
  ACCESS_TOKEN_SECRETS: 'k1:Zr0vJ8sQm1uXc5yHt7bNe3wKa9dLf6gP',
  REFRESH_TOKEN_SECRETS: 'r1:Mn7bVc9xZl1kJh3gFd5sAp7oIu9yTr2e',
}
const lax = (env: Record<string, string>) => laxSettings(loadConfig(env))

it.each(['127.0.0.1', '127.0.1.1', 'localhost', '::1'])('does not warn about development on %s', (HOST) => {
  expect(lax({ HOST })).toBeNull()
})

it.each(['0.0.0.0', '::', '10.0.0.5', 'db.internal'])(
  'warns about development on %s, but not about production',
  (HOST) => {
    expect(lax({ HOST })).toMatch(/introspect.*not Secure.*generated.*demo users/)
    expect(lax({ HOST, ...secrets, NODE_ENV: 'production' })).toBeNull()
  },
)

it('names only what is lax', () => {
  const strict = { HOST: '::', ...secrets, COOKIE_SECURE: 'true', INTROSPECTION: 'false', DEMO_USERS: 'false' }
  expect(lax(strict)).not.toMatch(/introspect|Secure|generated|demo/)
})

it.each([
  ['postgres://db.internal/app', ['DATABASE_URL']],
  ['postgres://ada:secret@10.0.0.5:5432/app?application_name=x', ['DATABASE_URL']],
  ['postgres://db.internal/app?sslmode=verify-full', []],
  ['postgres://db.internal/app?sslmode=require', []],
  ['postgres://db.internal/app?ssl=true', []],
  ['postgres://db.internal/app?sslmode=disable', []],
  ['postgres://db.internal/app?sslnegotiation=direct', []],
  ['postgres://localhost/app', []],
  ['postgres://127.0.0.1:5433/app', []],
  ['postgres://[::1]/app', []],
  ['postgres:///app?host=/var/run/postgresql', []],
])('finds connections to a database over a network without TLS: %s', (url, expected) => {
  expect(unencryptedDatabases(loadConfig({ DATABASE_URL: url }))).toEqual(expected)
})

it('also looks at DATABASE_LISTEN_URL', () => {
  const env = { DATABASE_URL: 'postgres://pool/app', DATABASE_LISTEN_URL: 'postgres://db/app' }
  expect(unencryptedDatabases(loadConfig(env))).toEqual(['DATABASE_URL', 'DATABASE_LISTEN_URL'])
})
