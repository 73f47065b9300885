import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../../src/db/migrate.ts'
import { addTestClock } from './test-clock.ts'

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

/**
 * Creates a database on the Postgres of this test run.
 * @param copyOf the database to copy, which nobody may be connected to. @default none, so that it is empty
 */
export async function createTestDatabase(copyOf?: string): Promise<TestDatabase> {
  const adminUrl = process.env.TEST_DATABASE_URL
  if (adminUrl === undefined) throw new Error('TEST_DATABASE_URL is not set: the global set-up did not run.')
  const name = `test_${randomBytes(6).toString('hex')}`
  await runOnce(adminUrl, `CREATE DATABASE ${name}${copyOf === undefined ? '' : ` TEMPLATE ${copyOf}`}`)
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

/** Creates a migrated database with a test clock: a copy of the run's template, which saves the migrations' time. */
export async function createServerDatabase(): Promise<TestDatabase> {
  const { TEST_DATABASE_URL = '', TEST_TEMPLATE_URL } = process.env
  if (TEST_TEMPLATE_URL !== undefined) {
    const template = new URL(TEST_TEMPLATE_URL)
    // A test with a Postgres of its own has no template there.
    if (template.host === new URL(TEST_DATABASE_URL).host) return createTestDatabase(template.pathname.slice(1))
  }
  return prepareDatabase()
}

/** Creates the template that the test servers of a run copy. */
export async function createTemplate(): Promise<TestDatabase> {
  const template = await prepareDatabase()
  process.env.TEST_TEMPLATE_URL = template.url
  return template
}

async function prepareDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  await addTestClock(database.url) // first, so that the columns' defaults read this clock
  await migrate(database.url)
  return database
}

async function runOnce(url: string, statement: string): Promise<void> {
  const admin = new pg.Client(url)
  await admin.connect()
  try {
    await admin.query(statement)
  } finally {
    await admin.end()
  }
}
