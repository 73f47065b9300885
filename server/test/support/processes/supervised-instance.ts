import { setTimeout as sleep } from 'node:timers/promises'
import { type ServerProcess, startServerProcess } from './server-process.ts'

/** A server process that is restarted whenever it exits, as a supervisor or a container does. */
export interface SupervisedInstance {
  /** Its URL; undefined while it is down. */
  url(): string | undefined
  /** Waits until it is up. @returns its URL */
  up(): Promise<string>
  /** `kill -9`. */
  kill(): Promise<void>
  /** What it printed each time it exited by itself while up, which must never happen. */
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
      // While its database is down it cannot start, reports that and exits. That is not a crash.
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
