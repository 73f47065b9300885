import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { atTheEnd } from './clean-up.ts'

/** A program under test, on its own core. */
export interface PinnedProcess {
  readonly pid: number
  /** What it sends to its parent first. @throws Error with its output when it exits before that */
  readonly message: Promise<unknown>
  /** Waits for an answer. @throws Error with its output when it exits before that, or after five minutes */
  answers(url: string): Promise<void>
  /** `SIGTERM`, and `SIGKILL` if it is still running 10 s later. */
  stop(): Promise<void>
}

export interface ProcessOptions {
  /** Without a core, it runs on any. */
  readonly core: number | undefined
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

const START_TIMEOUT_MS = 300_000
/** How long one attempt waits for an answer. */
const ANSWER_TIMEOUT_MS = 5_000
const STOP_TIMEOUT_MS = 10_000
/** How much of its output is kept, for the error when it fails. Characters. */
const MAX_OUTPUT = 2_000

/** Starts Node with this environment only. Standard output is discarded, as it would otherwise cost the load generator time. */
export function startPinnedProcess(args: readonly string[], { core, env, cwd }: ProcessOptions): PinnedProcess {
  const command = [...(core === undefined ? [] : ['taskset', '-c', String(core)]), process.execPath, ...args]
  const child: ChildProcess = spawn(command[0] ?? '', command.slice(1), {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let output = ''
  child.stderr?.on('data', (chunk) => {
    output = `${output}${chunk}`.slice(-MAX_OUTPUT)
  })
  let isRunning = true
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      isRunning = false
      resolve()
    }
    child.once('close', end).once('error', end)
  })
  const failed = () => new Error(`${args.at(-1)} ended with ${child.exitCode ?? child.signalCode}: ${output.trim()}`)
  const release = atTheEnd(async () => {
    if (!isRunning) return
    child.kill('SIGTERM')
    const timeout = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(timeout)
  })
  const message = Promise.race([
    once(child, 'message').then(([value]) => value),
    exited.then(() => Promise.reject(failed())),
    sleep(START_TIMEOUT_MS, undefined, { ref: false }).then(() =>
      Promise.reject(new Error(`${args.at(-1)} did not start: ${output}`)),
    ),
  ])
  message.catch(() => {}) // some callers wait for an answer instead
  return {
    pid: child.pid ?? 0,
    message,
    async answers(url) {
      const since = performance.now()
      for (;;) {
        if (!isRunning) throw failed()
        if (performance.now() - since > START_TIMEOUT_MS) throw new Error(`No answer from ${url}: ${output.trim()}`)
        const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).catch(() => null)
        await response?.body?.cancel()
        if (response?.ok) return
        await sleep(10)
      }
    },
    stop: release,
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
