import { readFileSync } from 'node:fs'

/** The resident memory of a process, in bytes; NaN on a system without /proc. */
export function residentBytes(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes) * 1_024
  } catch {
    return Number.NaN
  }
}
