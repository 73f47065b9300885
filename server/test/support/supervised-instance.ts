import { setTimeout as sleep } from 'node:timers/promises'
import { type ServerProcess, startServerProcess } from './server-process.ts'

/** A server process that is started anew whenever it ends, as a supervisor or a container does it. */
export interface SupervisedInstance {
  /** Where it is; undefined while it is not. */
  url(): string | undefined
  /** Resolves when it is up. */
  up(): Promise<string>
  /** `kill -9`. */
  kill(): Promise<void>
  /** What it printed when it ended by itself after it was up: it never should. */
  crashes: readonly string[]
  stop(): Promise<void>
}

export function superviseInstance(env: Record<string, string>): SupervisedInstance {
  const crashes: string[] = []
  let current: ServerProcess
  let url: string | undefined
  let isStopping = false
  let isKilled = false

  const running = (async () => {
    while (!isStopping) {
      isKilled = false
      const server = startServerProcess(env)
      current = server
      // It cannot start while its database is away, says so and ends: that is not a crash.
      url = await server.ready.catch(() => undefined)
      const wasUp = url !== undefined
      await server.exited
      url = undefined
      if (wasUp && !isKilled && !isStopping) crashes.push(server.output())
      if (!wasUp) await sleep(100)
    }
  })()

  return {
    url: () => url,
    async up() {
      while (url === undefined) await sleep(20)
      return url
    },
    async kill() {
      isKilled = true
      url = undefined
      await current.end('SIGKILL')
    },
    crashes,
    async stop() {
      isStopping = true
      await current.end('SIGTERM')
      await running
    },
  }
}
