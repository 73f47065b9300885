import { execFile } from 'node:child_process'
import { join } from 'node:path'

export interface Ended {
  code: number | string
  stdout: string
  stderr: string
}

/** Runs the real command line from its source, with this environment only. */
export function runAdmin(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'src/admin.ts', ...args],
      { cwd: join(import.meta.dirname, '../../..'), env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })
}
