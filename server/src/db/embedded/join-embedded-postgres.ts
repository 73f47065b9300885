import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DataDirInUseError } from './data-dir-lock.ts'
import { type EmbeddedPostgres, runningPostgresUrl, startEmbeddedPostgres } from './embedded-postgres.ts'

/**
 * Connects to the Postgres of a data directory: the one that a running server uses, or else one that is started here and
 * runs until `stop`.
 * @throws Error when the data directory contains no database yet.
 */
export async function joinEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  if (!existsSync(join(dataDir, 'postgres-password'))) {
    throw new Error(`There is no database in ${dataDir} yet. Start the server once, or set DATABASE_URL.`)
  }
  try {
    return await startEmbeddedPostgres({ dataDir })
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error
    return { url: await runningPostgresUrl(dataDir), stop: async () => {} }
  }
}
