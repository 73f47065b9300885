import childProcess, { type SpawnOptions } from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Changes how `work` starts child processes, because the package that starts Postgres has no options for it.
 * @param options.inOwnProcessGroup A terminal sends Ctrl-C to all processes of its group, which would stop Postgres while the
 * server still answers requests. Windows has no process groups.
 * @param options.onSpawn called for each process, once it has been started.
 */
export async function whenSpawning<T>(
  { inOwnProcessGroup = false, onSpawn }: { inOwnProcessGroup?: boolean; onSpawn?: (() => void) | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const detached = inOwnProcessGroup && process.platform !== 'win32'
  const { spawn } = childProcess
  const replace = (replacement: typeof spawn): void => {
    childProcess.spawn = replacement
    syncBuiltinESMExports()
  }
  replace(((command: string, args: readonly string[], options: SpawnOptions) => {
    const child = spawn(command, args, { ...options, ...(detached && { detached }) })
    onSpawn?.()
    return child
  }) as typeof spawn)
  try {
    return await work()
  } finally {
    replace(spawn)
  }
}
