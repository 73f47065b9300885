import { startBenchPostgres } from '../processes/bench-postgres.ts'
import { describeCores, pinSelf, readCores } from '../processes/cores.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section } from '../report/section.ts'
import type { Contender, Setting } from './contender.ts'
import { apollo } from './contenders/apollo.ts'
import { competitors } from './contenders/competitors.ts'
import { raw } from './contenders/raw.ts'
import { silentRefresh } from './contenders/silent-refresh.ts'
import { competitorVersions, installCompetitors } from './install-competitors.ts'
import { type Label, labels } from './labels.ts'
import { presentation } from './presentation.ts'
import { ratioTable, throughputTable } from './tables.ts'
import { failureText, type Outcome, type Turn, takeTurns } from './take-turns.ts'

const CONNECTIONS = [16, 64]
const contenders: readonly Contender[] = [raw, ...apollo, silentRefresh, ...competitors]

export const http: Group = { name: 'http', title: presentation.title, run }

async function run(options: RunOptions): Promise<Section> {
  const cores = readCores()
  const problem = installCompetitors(options)
  const postgres = await startBenchPostgres(cores)
  const setting = { postgres, core: cores?.server, maxConnections: Math.max(...CONNECTIONS) }
  const { turns, failures } = await startAll(setting, options)
  const unpin = pinSelf(cores)
  try {
    const runs = []
    for (const connections of CONNECTIONS) {
      const [rounds, roundMs] = options.quick ? [2, 300] : [5, 1_500]
      const timing = { connections, rounds, roundMs, postgresPid: postgres.pid, progress: options.progress }
      const outcomes = new Map<Label, Outcome>([...failures, ...(await takeTurns(turns, timing))])
      runs.push({ connections, outcomes })
    }
    return {
      title: http.title,
      tables: [ratioTable(runs), { ...throughputTable(runs, Object.values(labels)), title: 'Medians' }],
      circumstances: [
        `The competitors: ${competitorVersions()}.`,
        describeCores(cores),
        ...(problem === null ? [] : [problem]),
      ],
    }
  } finally {
    unpin()
  }
}

/** Starts every server. One that does not start is reported, and the others run. */
async function startAll(setting: Setting, { progress }: RunOptions) {
  const turns: Turn[] = []
  const failures = new Map<Label, Outcome>()
  for (const { name, labels: itsLabels, start } of contenders) {
    progress(`starting ${name}`)
    try {
      const { process, url, workloads } = await start(setting)
      turns.push(...workloads.map((workload) => ({ ...workload, url, pid: process.pid })))
    } catch (error) {
      progress(`failed: ${failureText(error)}`)
      for (const label of itsLabels) failures.set(label, { failure: failureText(error) })
    }
  }
  return { turns, failures }
}
