import pg from 'pg'
import type { DataSource } from 'typeorm'

const MAX_PIN_ATTEMPTS = 5

/** Settings of a connection, with values as SHOW prints them. */
export type SessionSettings = Readonly<Record<string, string>>

/**
 * What our statements rely on. A role, a database or a pooler may preset anything else. Not among them: `search_path`, because
 * operators choose the schema, and `default_transaction_read_only`, because they have a reason.
 */
export const requestSettings: SessionSettings = {
  datestyle: 'ISO, MDY', // the only one that the driver reads
  extra_float_digits: '1', // with less, times in milliseconds are rounded to hours
  default_transaction_isolation: 'read committed', // in stricter ones, concurrent statements on a row fail
  statement_timeout: '5s', // requests fail instead of hanging
  lock_timeout: '0', // a statement may wait for a lock as long as it may run
  transaction_timeout: '0',
  // The locks of a machine that is gone are not held until TCP gives up.
  idle_in_transaction_session_timeout: '10s',
  idle_session_timeout: '0', // the pool closes idle connections
}

/** A migration takes as long as it takes. */
export const migrationSettings: SessionSettings = {
  ...requestSettings,
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
}

/**
 * Pins settings for the life of a connection. If a pooler sits in between, only the date style, which poolers keep per
 * client: the others would stay on the pooler's connection and affect whoever gets it next. A pooler is recognised by the
 * process id it gave to its client, which is not that of the connection behind it.
 *
 * @param client ready, but not used yet.
 */
export async function pinSettings(
  client: { readonly processID?: number | null; query(statement: string): Promise<unknown> },
  settings: SessionSettings,
): Promise<void> {
  // One message, whose first statement keeps a tiny preset timeout from cancelling the second one. It may itself be cancelled.
  const statements = `
    SET LOCAL statement_timeout = 0;
    SELECT set_config(name, value, false)
    FROM json_each_text(${pg.escapeLiteral(JSON.stringify(settings))}) AS pinned(name, value)
    WHERE current_setting(name, true) IS NOT NULL
      AND (name = 'datestyle' OR pg_backend_pid() = ${Number(client.processID)})`
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(statements)
      return
    } catch (error) {
      if ((error as { code?: string }).code !== '57014' || attempt === MAX_PIN_ATTEMPTS) throw error
    }
  }
}

/** A setting that is not in effect, and the statement that fixes it. */
export interface WrongSetting {
  readonly setting: string
  readonly value: string
  readonly fixedBy: string
}

/** The needed settings that are not in effect. Behind a pooler, only presets of the role or the database can fix them. */
export function findWrongSettings(dataSource: DataSource): Promise<WrongSetting[]> {
  const needed = { ...requestSettings, session_replication_role: 'origin' } // otherwise our triggers do not run
  return dataSource.query(
    `SELECT name AS setting, current_setting(name) AS value,
       format('ALTER ROLE %I IN DATABASE %I SET %I = %L', session_user, current_database(), name, needed) AS "fixedBy"
     FROM json_each_text($1) AS wanted(name, needed) WHERE current_setting(name, true) <> needed`,
    [JSON.stringify(needed)],
  )
}
