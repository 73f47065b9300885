import { join } from 'node:path'
import { freePort, startPinnedProcess } from '../processes/pinned-process.ts'
import type { Setting, StartedContender } from './contender.ts'

const bench = join(import.meta.dirname, '..')

/**
 * Starts a server of this folder, which reads PORT and sends a message when it listens.
 * @param script its path from bench/
 * @returns the message
 */
export async function startScript<Message>(
  script: string,
  { core, maxConnections }: Setting,
  env: Readonly<Record<string, string>> = {},
): Promise<Omit<StartedContender, 'workloads'> & { readonly message: Message }> {
  const port = await freePort()
  const process = startPinnedProcess([join(bench, script)], {
    core,
    cwd: bench,
    env: { NODE_ENV: 'production', PORT: String(port), CONNECTIONS: String(maxConnections), ...env },
  })
  const message = (await process.message) as Message
  return { process, message, url: `http://127.0.0.1:${port}` }
}
