import { randomBytes } from 'node:crypto'
import { DataSource } from 'typeorm'

export interface TestDatabase {
  url: string
  /** Gives a setting to each new connection. */
  preset(setting: string, value: string): Promise<void>
  /** Allows or forbids new connections; existing ones stay open. */
  allowConnections(allowed: boolean): Promise<void>
  /** Terminates the connections on which instances LISTEN. */
  cutFeeds(): Promise<void>
  drop(): Promise<void>
}

/** Creates an empty database on the Postgres of this test run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env.TEST_DATABASE_URL
  if (adminUrl === undefined) throw new Error('TEST_DATABASE_URL is not set: the global set-up did not run.')
  const name = `test_${randomBytes(6).toString('hex')}`
  await runOnce(adminUrl, `CREATE DATABASE ${name}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    preset: (setting, value) => runOnce(adminUrl, `ALTER DATABASE ${name} SET ${setting} = '${value}'`),
    allowConnections: (allowed) => runOnce(adminUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS ${allowed}`),
    cutFeeds: () =>
      runOnce(
        adminUrl,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'silent-refresh feed' AND datname = '${name}'`,
      ),
    drop: () => runOnce(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}

async function runOnce(url: string, statement: string): Promise<void> {
  const admin = await new DataSource({ type: 'postgres', url, poolSize: 1 }).initialize()
  try {
    await admin.query(statement)
  } finally {
    await admin.destroy()
  }
}
