import type { Client } from '../load/run-load.ts'
import type { BenchPostgres } from '../processes/bench-postgres.ts'
import type { PinnedProcess } from '../processes/pinned-process.ts'

import type { Label } from './labels.ts'

/** What every server under test is started with. */
export interface Setting {
  readonly postgres: BenchPostgres
  /** The core of the server; undefined: any. */
  readonly core: number | undefined
  /** How many clients each workload needs at most. */
  readonly maxConnections: number
}

/** One kind of request, with a client for each connection. */
export interface Workload {
  /** Its row in the report. */
  readonly label: Label
  readonly clients: readonly Client[]
}

export interface StartedContender {
  readonly process: PinnedProcess
  readonly url: string
  readonly workloads: readonly Workload[]
}

/** A server to compare. */
export interface Contender {
  readonly name: string
  /** Its rows. */
  readonly labels: readonly Label[]
  start(setting: Setting): Promise<StartedContender>
}

/** As many clients as a workload needs. */
export const clientsFor = ({ maxConnections }: Setting, create: (index: number) => Client): Client[] =>
  Array.from({ length: maxConnections }, (_, index) => create(index))
