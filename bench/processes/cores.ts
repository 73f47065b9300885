import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Which core runs what; null where processes cannot be pinned. */
export interface Cores {
  /** The servers, of which one is under test at a time. */
  readonly server: number
  /** This process, which generates the load. */
  readonly load: number
  /** Postgres: a core of its own if there are three, otherwise that of the load. */
  readonly postgres: number
}

/** The cores that this process may use; null without `taskset` or with fewer than two cores. */
export function readCores(): Cores | null {
  try {
    const list = /: *(\S+)$/m.exec(execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' }))?.[1]
    return assignCores(list ?? '')
  } catch {
    return null // not Linux, or without util-linux
  }
}

/** @param list as `taskset` prints it, such as `0,2-5` */
export function assignCores(list: string): Cores | null {
  const available = list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 || 0 }, (_, index) => first + index)
  })
  const [load, server, postgres = load] = available
  return load === undefined || server === undefined || postgres === undefined ? null : { load, server, postgres }
}

/** Moves a process with all its threads to one core. Processes that it starts later stay there too. */
export function pin(pid: number, core: number | string): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
}

/** The processes that a process has started. */
export function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.split(' ').filter(Boolean).map(Number)
}

/** Keeps this process on one core until the returned function is called. */
export function pinSelf(cores: Cores | null): () => void {
  if (cores === null) return () => {}
  const all = [...new Set([cores.load, cores.server, cores.postgres])].join(',')
  pin(process.pid, cores.load)
  return () => pin(process.pid, all)
}

/** How a report describes the placement. */
export function describeCores(cores: Cores | null): string {
  if (cores === null) return 'Nothing was pinned to a core, because `taskset` or a second core is missing.'
  const { server, load, postgres } = cores
  const beside = postgres === load ? `core ${load} the load generator and Postgres` : `core ${load} the load generator`
  const own = postgres === load ? '' : ` and core ${postgres} Postgres`
  return `Core ${server} ran the server under test, while the other servers were idle; ${beside}${own}.`
}
