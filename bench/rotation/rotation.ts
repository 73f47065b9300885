import { startBenchPostgres } from '../processes/bench-postgres.ts'
import { describeCores, pinSelf, readCores } from '../processes/cores.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section, Table } from '../report/section.ts'
import { growthTable } from './growth.ts'
import { millionTable } from './million.ts'
import { presentation } from './presentation.ts'
import { createSessions } from './sessions.ts'
import { statementTable } from './statements.ts'
import { walTable } from './wal.ts'

export const rotation: Group = { name: 'rotation', title: presentation.title, run }

async function run(options: RunOptions): Promise<Section> {
  // Postgres is under test here, so it has the core that belongs to the server elsewhere.
  const found = readCores()
  const cores = found && { ...found, postgres: found.server }
  const postgres = await startBenchPostgres(cores)
  const unpin = pinSelf(cores)
  const tables: Table[] = []
  const failures: string[] = []
  /** A part that fails leaves the others their tables. */
  const part = async (what: string, measure: () => Promise<Table>) => {
    options.progress(what)
    await measure().then(
      (table) => tables.push(table),
      (error: unknown) => failures.push(`${what} failed: ${error instanceof Error ? error.message : error}`),
    )
  }
  try {
    const thousand = await createSessions(postgres, 'thousand', 1_000)
    await part('statements', () => statementTable(postgres, thousand, options))
    await part('WAL', () => walTable(thousand, options))
    await part('growth', () => growthTable(thousand, options))
    await part('many sessions', () => millionTable(postgres, thousand, options))
    const placement =
      cores === null ? describeCores(null) : `Postgres ran on core ${cores.server}, the clients on ${cores.load}.`
    return { title: rotation.title, tables, circumstances: [placement, ...failures] }
  } finally {
    unpin()
  }
}
