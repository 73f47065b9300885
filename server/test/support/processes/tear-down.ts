import { rm } from 'node:fs/promises'
import { tryAll } from '../../../src/core/try-all.ts'
import { stopPostgres } from './start-postgres.ts'

export default async function tearDown(): Promise<void> {
  const { testProject } = globalThis
  await tryAll([stopPostgres, async () => testProject && rm(testProject, { recursive: true, force: true })])
}
