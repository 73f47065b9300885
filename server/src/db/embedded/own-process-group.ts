import childProcess, { type SpawnOptions } from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Gives the child processes that `work` starts a process group of their own. A terminal sends Ctrl-C to all processes of its
 * group, which would stop Postgres while the server still answers requests. The package that starts Postgres has no
 * option for it. Windows has no process groups.
 */
export async function inOwnProcessGroup<T>(work: () => Promise<T>): Promise<T> {
  if (process.platform === 'win32') return work()
  const { spawn } = childProcess
  const replace = (replacement: typeof spawn): void => {
    childProcess.spawn = replacement
    syncBuiltinESMExports()
  }
  replace(((command: string, args: readonly string[], options: SpawnOptions) =>
    spawn(command, args, { ...options, detached: true })) as typeof spawn)
  try {
    return await work()
  } finally {
    replace(spawn)
  }
}
