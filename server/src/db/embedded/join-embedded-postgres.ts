import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DataDirInUseError } from './data-dir-lock.ts'
import { type EmbeddedPostgres, runningPostgresUrl, startEmbeddedPostgres } from './embedded-postgres.ts'

/**
 * The Postgres of a data directory for a while: that of the server that runs there, else one of our own until it is stopped.
 * @throws Error when there is none yet.
 */
export async function joinEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  if (!existsSync(join(dataDir, 'postgres-password'))) {
    throw new Error(`There is no database in ${dataDir} yet: start the server once, or set DATABASE_URL.`)
  }
  try {
    return await startEmbeddedPostgres({ dataDir })
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error
    return { url: await runningPostgresUrl(dataDir), stop: async () => {} }
  }
}
