import { rm } from 'node:fs/promises'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/db/embedded/embedded-postgres.ts'
import { newDataDir } from './data-dir.ts'

declare global {
  var testPostgres: (EmbeddedPostgres & { dataDir: string }) | undefined
}

/** Starts one Postgres for all server tests of a run; each test file creates its own database on it. */
export default async function startPostgres(): Promise<void> {
  if (process.env.TEST_DATABASE_URL !== undefined) return
  const dataDir = await newDataDir('test')
  const postgres = await startEmbeddedPostgres({
    dataDir,
    // The data is deleted after the run, so nothing has to be safe on disk.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  })
  process.env.TEST_DATABASE_URL = postgres.url
  globalThis.testPostgres = { ...postgres, dataDir }
}

export async function stopPostgres(): Promise<void> {
  await globalThis.testPostgres?.stop()
  if (globalThis.testPostgres) await rm(globalThis.testPostgres.dataDir, { recursive: true, force: true })
}
