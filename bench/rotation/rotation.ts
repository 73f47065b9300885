import { startBenchPostgres } from '../processes/bench-postgres.ts'
import { describeCores, pinSelf, readCores } from '../processes/cores.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section, Table } from '../report/section.ts'
import { growthTable } from './growth.ts'
import { millionTable } from './million.ts'
import { createSessions } from './sessions.ts'
import { statementTable } from './statements.ts'
import { walTable } from './wal.ts'

export const rotation: Group = { name: 'rotation', title: 'The rotation in Postgres', run }

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
    return { title: rotation.title, tables, notes: [...notes, placement, ...failures] }
  } finally {
    unpin()
  }
}

const notes = [
  `In one process through \`pg\`, without HTTP and tokens, on 1,000 sessions of 250 users unless the table says otherwise. Medians
  of rounds that took turns. A named statement is planned once per connection. The ratios compare with the statement of d4f0598
  as it ran then, planned anew for each refresh.`,
  `"Without waiting" is \`synchronous_commit = off\`, which shows the statement without the disk; the server does not use it.
  "Postgres" is the processor time of all its processes for one rotation.`,
  `A first change of a page after a checkpoint writes the whole page to the WAL, so the WAL per refresh falls with the number of
  refreshes per page and checkpoint.`,
]
