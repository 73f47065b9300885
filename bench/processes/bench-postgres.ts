import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../server/src/db/embedded/embedded-postgres.ts'
import { postgresOf } from '../../server/test/support/processes/server-process.ts'
import { atTheEnd } from './clean-up.ts'
import { type Cores, childrenOf, pin } from './cores.ts'

/** A Postgres with its default settings, which writes to disk. */
export interface BenchPostgres {
  /** The id of its main process. */
  readonly pid: number
  /** Creates an empty database. @returns its URL */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

export async function startBenchPostgres(cores: Cores | null): Promise<BenchPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'silent-refresh-bench-'))
  const removed = atTheEnd(() => rm(dataDir, { recursive: true, force: true }))
  await chmod(dataDir, 0o755) // Postgres has its own user when the benchmark runs as root
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { max_connections: '200' } })
  const stopped = atTheEnd(() => postgres.stop())
  const pid = postgresOf(dataDir) ?? 0
  // Those of connections start later, and then where their parent is.
  if (cores !== null) for (const each of [pid, ...childrenOf(pid)]) pin(each, cores.postgres)
  return {
    pid,
    async createDatabase(name) {
      await query(postgres.url, `CREATE DATABASE ${pg.escapeIdentifier(name)}`)
      const url = new URL(postgres.url)
      url.pathname = `/${name}`
      return url.href
    },
    async stop() {
      await stopped()
      await removed()
    },
  }
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  connectionString: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}
