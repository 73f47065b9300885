import { createHash } from 'node:crypto'
import type { EntityManager, QueryRunner } from 'typeorm'
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js'
import type { StrictClient } from '../connections/strict-client.ts'

/** A statement that Postgres parses and plans once per connection, and the rows it returns. */
export interface Prepared<Row> {
  readonly name: string
  readonly text: string
  /** Only a type. */
  readonly row?: Row
}

/**
 * The name contains a digest of the text. Behind a pooler, connections of Postgres pass from one client to another, also to
 * instances of another version: a name must never lead to another text.
 *
 * List the columns it returns: with `*`, a column that a migration adds would change the type of the result.
 * @param purpose at most 40 characters.
 */
export function prepared<Row>(purpose: string, text: string): Prepared<Row> {
  return { name: `${purpose}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text }
}

/**
 * Runs a statement and returns its rows. On its own, that is with `dataSource.manager`, it is prepared; TypeORM cannot name
 * statements, so it runs below it. In a transaction it is not: a pooler that does not know the name would end the transaction.
 * @see docs/decisions/0011-named-statements.md
 */
export async function run<Row>(
  { queryRunner, dataSource }: EntityManager,
  { name, text }: Prepared<Row>,
  values: readonly unknown[],
): Promise<Row[]> {
  if (queryRunner !== undefined) return runInTransaction(queryRunner, text, values)
  const { driver, logger } = dataSource
  const [client, release] = (await (driver as PostgresDriver).obtainMasterConnection()) as [StrictClient, () => void]
  try {
    logger.logQuery(text, [...values])
    const { rows } = await client.query({ name, text, values: [...values] })
    return rows
  } catch (error) {
    logger.logQueryError(error as Error, text, [...values])
    throw error
  } finally {
    release()
  }
}

async function runInTransaction<Row>(runner: QueryRunner, text: string, values: readonly unknown[]): Promise<Row[]> {
  const { records } = await runner.query(text, [...values], true)
  return records as Row[]
}
