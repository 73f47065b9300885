import pg from 'pg'
import type { DatabaseClock } from '../../src/core/clock.ts'

/**
 * A clock that a test moves, for the server and its database alike. The server reads the database's `now()` and
 * `clock_timestamp()`; in a test database other functions of these names come first, so that no statement knows about tests.
 */
export interface TestClock extends DatabaseClock {
  advance(by: { ms?: number; seconds?: number; minutes?: number; days?: number }): Promise<void>
  close(): Promise<void>
}

/** Prepares a new database; later connections see its time. */
export async function createTestClock(databaseUrl: string): Promise<TestClock> {
  await addTestClock(databaseUrl)
  return openTestClock(databaseUrl)
}

/** Adds the clock to a new database. */
export async function addTestClock(databaseUrl: string): Promise<void> {
  const database = new pg.Client(databaseUrl)
  await database.connect()
  await database.query(`
    CREATE SCHEMA test_clock;
    CREATE TABLE test_clock.moved (ms float8 NOT NULL);
    INSERT INTO test_clock.moved VALUES (0);
    CREATE FUNCTION test_clock.now() RETURNS timestamptz STABLE LANGUAGE sql AS
      'SELECT pg_catalog.now() + (SELECT ms FROM test_clock.moved) * interval ''1 millisecond''';
    CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql AS
      'SELECT pg_catalog.clock_timestamp() + (SELECT ms FROM test_clock.moved) * interval ''1 millisecond''';
    ${useTestClock(databaseUrl)}`)
  await database.end()
}

/** The clock of a database that has it, or of a copy; later connections see its time. */
export async function openTestClock(databaseUrl: string): Promise<TestClock> {
  const database = new pg.Pool({ connectionString: databaseUrl, max: 1, idleTimeoutMillis: 0 })
  database.on('error', () => {}) // a test has cut the connection; the next query opens another
  await database.query(useTestClock(databaseUrl)) // a copy does not have the settings of its original
  let movedMs = 0
  return {
    nowMs: () => Date.now() + movedMs,
    monotonicMs: () => performance.now() + movedMs,
    synchronise: () => {},
    systemAheadMs: () => 0,
    async advance({ ms = 0, seconds = 0, minutes = 0, days = 0 }) {
      movedMs += ms + seconds * 1_000 + minutes * 60_000 + days * 86_400_000
      await database.query('UPDATE test_clock.moved SET ms = $1', [movedMs])
    },
    close: () => database.end(),
  }
}

const useTestClock = (databaseUrl: string): string =>
  `ALTER DATABASE ${new URL(databaseUrl).pathname.slice(1)} SET search_path = public, test_clock, pg_catalog`
