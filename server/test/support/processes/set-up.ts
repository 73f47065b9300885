import { compileServer } from './compiled-server.ts'
import { startPostgres } from './start-postgres.ts'

declare global {
  var testProject: string | undefined
}

/** Before all server tests of a run: starts their Postgres and compiles the server for their processes. */
export default async function setUp(): Promise<void> {
  const [{ project, programs }] = await Promise.all([compileServer(), startPostgres()])
  globalThis.testProject = project
  process.env.TEST_SERVER_PROGRAMS = programs
}
