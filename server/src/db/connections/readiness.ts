import type { PoolClient } from 'pg'
import type { DataSource } from 'typeorm'
import { poolOf } from '../data-source.ts'
import { isSameServer, readServerIdentity, type ServerIdentity } from './server-identity.ts'

/** What the answers to requests need. Housekeeping also deletes, but nobody waits for it. */
const neededPrivileges = {
  users: ['SELECT', 'INSERT', 'UPDATE'],
  sessions: ['SELECT', 'INSERT', 'UPDATE'],
  security_events: ['SELECT', 'INSERT'],
  revocations: ['SELECT', 'INSERT'],
  attempt_counters: ['SELECT', 'INSERT', 'UPDATE'],
}

const privileges = Object.entries(neededPrivileges)
  .flatMap(([table, names]) => names.map((name) => `has_table_privilege(to_regclass('${table}'), '${name}')`))
  .join(' AND ')

/**
 * Whether a connection can do our work. It cannot on a standby, in a read-only database or without rights, nor
 * where triggers are off, because then no instance is notified. Null where a table is missing.
 */
const fitness = `
  SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'
    AND current_setting('session_replication_role') <> 'replica' AND ${privileges} AS "isFit"`

/** Load balancers do not wait for long; the next check goes on. Milliseconds. */
const MAX_CHECK_MS = 5_000

/**
 * Creates the check whether the database can do what requests need, on the server on which the revocation feed listens.
 * Connections that cannot are closed. Those opened earlier may lead to a server that new ones no longer reach, or have
 * settings that no longer apply. The check closes unfit connections until it finds a fit one or has tried a new one.
 * @param feedServer null while it is unknown, which the check then ignores.
 * @see PROTOCOL.md S15, S24
 */
export function createReadiness(
  dataSource: DataSource,
  feedServer: () => ServerIdentity | null,
): () => Promise<boolean> {
  async function isFit(client: PoolClient): Promise<boolean> {
    const { rows } = await client.query<{ isFit: boolean | null }>(fitness)
    if (rows[0]?.isFit !== true) return false
    const expected = feedServer()
    if (expected === null) return true
    return isSameServer(expected, await readServerIdentity(async (statement) => (await client.query(statement)).rows))
  }

  /** Closes the connection if it is not fit. */
  async function takeFit(client: PoolClient): Promise<boolean> {
    const fit = await isFit(client).catch(() => false)
    client.release(!fit)
    return fit
  }

  return async () => {
    const pool = poolOf(dataSource)
    const endMs = performance.now() + MAX_CHECK_MS
    try {
      for (let older = pool.idleCount; older >= 0 && performance.now() < endMs; older -= 1) {
        if (await takeFit(await pool.connect())) return true
      }
    } catch {
      // No connection could be opened.
    }
    return false
  }
}
