import { readFileSync } from 'node:fs'
import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from './data-dir-lock.ts'

/** The main process of a cluster, as its pid file names it. */
export interface Postmaster {
  readonly pid: number
  /** Null while it starts. */
  readonly port: number | null
}

/** Null when there is no pid file: Postgres removes it as the last step of a shutdown. */
export function readPostmaster(databaseDir: string): Postmaster | null {
  let lines: string[]
  try {
    lines = readFileSync(pidFile(databaseDir), 'utf8').split('\n')
  } catch {
    return null
  }
  // The lines: process, directory, start time, port, and more. @see PostgreSQL, miscadmin.h
  const [pid, port] = [Number.parseInt(lines[0] ?? '', 10), Number(lines[3])]
  return pid > 0 ? { pid, port: port > 0 ? port : null } : null
}

/**
 * Stops a Postgres that still runs because its server was killed. We hold the lock on the data directory, so nobody else
 * uses it; it is then started again as our own child process.
 */
export async function stopOrphan(databaseDir: string, timeoutMs: number): Promise<void> {
  const postmaster = readPostmaster(databaseDir)
  if (postmaster === null) return
  if (isRunning(postmaster.pid) && (await isPostgres(postmaster.pid))) {
    requestShutdown(databaseDir)
    await waitForShutdown(databaseDir, timeoutMs)
  } else {
    // No process has this id any more, or an unrelated one has. In the latter case Postgres would refuse to start.
    await unlink(pidFile(databaseDir)).catch(() => {})
  }
}

/** Requests a "fast" shutdown: Postgres closes all connections and writes everything to disk. */
export function requestShutdown(databaseDir: string): void {
  const postmaster = readPostmaster(databaseDir)
  if (postmaster !== null && isRunning(postmaster.pid)) process.kill(postmaster.pid, 'SIGINT')
}

/** @throws Error when Postgres still runs after `timeoutMs`. */
export async function waitForShutdown(databaseDir: string, timeoutMs: number): Promise<void> {
  const limit = performance.now() + timeoutMs
  for (;;) {
    const postmaster = readPostmaster(databaseDir)
    if (postmaster === null || !isRunning(postmaster.pid)) return
    if (performance.now() > limit) {
      throw new Error(`Postgres (process ${postmaster.pid}) did not stop within ${timeoutMs} ms.`)
    }
    await sleep(20)
  }
}

/** Assumes that it is Postgres on a system without /proc; the operator then has to stop it. */
async function isPostgres(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return command === null || command.includes('postgres')
}

const pidFile = (databaseDir: string) => join(databaseDir, 'postmaster.pid')
