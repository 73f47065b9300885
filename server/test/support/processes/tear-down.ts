import { rm } from 'node:fs/promises'
import { stopPostgres } from './start-postgres.ts'

export default async function tearDown(): Promise<void> {
  await stopPostgres()
  if (globalThis.testProject) await rm(globalThis.testProject, { recursive: true, force: true })
}
