import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { serverProgram } from './server-program.ts'

export interface Ended {
  code: number | string
  stdout: string
  stderr: string
}

/** Runs the real command line from its sources, with this environment only. @param input what it reads */
export function runAdmin(
  args: readonly string[],
  env: Record<string, string>,
  input: string | Buffer = '',
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...serverProgram('admin'), ...args],
      { cwd: join(import.meta.dirname, '../../..'), env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
    child.stdin?.on('error', () => {}) // it may end without reading
    child.stdin?.end(input)
  })
}
