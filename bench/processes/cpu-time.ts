import { readdirSync, readFileSync } from 'node:fs'

/** The kernel counts processor time in hundredths of a second. */
const TICK_MS = 10

/** The fields of /proc/<pid>/stat after the name, which may contain anything. The first is the state. */
function statOf(pid: number | string): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** The processor time that a process has used, in milliseconds; NaN on a system without /proc. @see man 5 proc */
export function cpuMsOf(pid: number): number {
  try {
    const fields = statOf(pid)
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    return Number.NaN
  }
}

/** The same for a process and its children, of which those that have ended count as well. */
export function cpuMsOfFamily(pid: number): number {
  try {
    const ended = statOf(pid)
    const living = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isChild(name, pid))
    const times = [pid, ...living.map(Number)].map(cpuMsOf).filter((time) => !Number.isNaN(time))
    return times.reduce((sum, time) => sum + time, (Number(ended[13]) + Number(ended[14])) * TICK_MS)
  } catch {
    return Number.NaN
  }
}

function isChild(pid: string, parent: number): boolean {
  try {
    return Number(statOf(pid)[1]) === parent
  } catch {
    return false // it has just ended
  }
}

/** The processor time of this process, in milliseconds. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
