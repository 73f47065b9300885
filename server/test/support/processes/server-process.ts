import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { isRunning } from '../../../src/db/embedded/data-dir-lock.ts'
import { serverProgram } from './server-program.ts'

export interface ServerProcess {
  pid: number
  /** Our ends of its output, so that a test can close them. */
  stdout: Readable
  stderr: Readable
  /** Everything printed so far, on both streams. */
  output(): string
  /** Its URL, once it reports that it is ready, or running. @throws Error with its output when it exits before that */
  ready: Promise<string>
  /** Its exit code; null when a signal killed it. */
  exited: Promise<number | null>
  /** Sends a signal and waits for the exit. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** What Ctrl-C does in a terminal: signals the whole process group. */
  interrupt(): Promise<number | null>
}

/** Each with its data directory. */
const running = new Map<ChildProcess, string | undefined>()

/** Starts the real server from its sources, with this environment only and on a free port. */
export function startServerProcess(env: Record<string, string>, { uid }: { uid?: number } = {}): ServerProcess {
  const child = spawn(process.execPath, serverProgram('main'), {
    cwd: join(import.meta.dirname, '../../..'),
    env: { PATH: process.env.PATH, PORT: '0', PASSWORD_COST: '4', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(uid !== undefined && { uid, gid: uid }),
  })
  running.set(child, env.DATA_DIR)
  let output = ''
  const { pid = 0 } = child
  const exited = once(child, 'close').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  const ready = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk
      const port = /(?:ready at|running at|App) +http:\/\/localhost:(\d+)/.exec(output)?.[1]
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    exited.then((code) => reject(new Error(`The server ended with ${code}:\n${output}`)), reject)
  })
  ready.catch(() => {}) // some tests wait only for the exit
  return {
    ...{ pid, ready, exited, stdout: child.stdout, stderr: child.stderr },
    output: () => output,
    end(signal) {
      child.kill(signal)
      return exited
    },
    interrupt() {
      process.kill(-pid, 'SIGINT')
      return exited
    },
  }
}

/** Kills what a failed test left running, including its Postgres. */
export function endAllServerProcesses(): void {
  for (const [{ pid }, dataDir] of running) {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    const postgres = dataDir === undefined ? undefined : postgresOf(dataDir)
    if (postgres !== undefined && isRunning(postgres)) process.kill(postgres, 'SIGQUIT')
  }
}

/** The process id of the Postgres that uses this data directory, or undefined. */
export function postgresOf(dataDir: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10)
  } catch {
    return undefined
  }
}
