import { rm } from 'node:fs/promises'
import { tryAll } from '../../../src/core/try-all.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/db/embedded/embedded-postgres.ts'
import { createTemplate, type TestDatabase } from '../database.ts'
import { newDataDir } from './data-dir.ts'

declare global {
  var testPostgres: (EmbeddedPostgres & { dataDir: string }) | undefined
  var testTemplate: TestDatabase | undefined
}

/** Starts one Postgres for all server tests of a run; each test server copies a migrated database on it. */
export async function startPostgres(): Promise<void> {
  if (process.env.TEST_DATABASE_URL === undefined) {
    const dataDir = await newDataDir('test')
    const postgres = await startEmbeddedPostgres({
      dataDir,
      // The data is deleted after the run, so nothing has to be safe on disk.
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
    })
    process.env.TEST_DATABASE_URL = postgres.url
    globalThis.testPostgres = { ...postgres, dataDir }
  }
  globalThis.testTemplate = await createTemplate()
}

export async function stopPostgres(): Promise<void> {
  const { testTemplate, testPostgres } = globalThis
  await tryAll([
    async () => testTemplate?.drop(),
    async () => testPostgres?.stop(),
    async () => testPostgres && rm(testPostgres.dataDir, { recursive: true, force: true }),
  ])
}
