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
import { ratioTable, throughputTable } from './tables.ts'
import { failureText, type Outcome, type Turn, takeTurns } from './take-turns.ts'

const CONNECTIONS = [16, 64]
const contenders: readonly Contender[] = [raw, ...apollo, silentRefresh, ...competitors]

export const http: Group = { name: 'http', title: 'Requests a second over HTTP', run }

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
      notes: [
        ...notes,
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

const notes = [
  `Every server is a process of its own, and all run in production mode. They take turns, round after round; a figure is the
  median of the rounds, and a ratio the median of the ratios of the rounds. Each connection carries one request at a time.`,
  `"server", "load" and "Postgres" are the shares of one core that the server, the load generator and Postgres were busy.
  "µs/request" is the processor time of the server. The first row shows what the load generator can do.`,
  `Silent Refresh is the built server with the settings of production, on an embedded Postgres that waits for the disk, with
  limits on attempts off and access tokens that live a day. It writes a log line for each request, to nowhere; the others
  write none. Servers that need a Postgres share this one, with 10 connections each. A refresh sends the token in the body, and
  each connection has a session of its own. \`me\` verifies the access token and reads the user, both from memory after the
  first time, as it does while the revocation feed is current.`,
  `The classic recipe is Express with string secrets and a table of refresh tokens: find, delete, insert. node-oidc-provider
  has a public client with rotation; its usual refresh also signs an ID token with RS256. Its
  adapter in memory keeps 1,000 entries and forgets grants beyond that, which fails with many connections. better-auth reads the session on each
  call and, in the last row, extends it, which it does once a day by default.`,
]
