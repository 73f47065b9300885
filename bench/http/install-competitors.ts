import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunOptions } from '../report/group.ts'

const folder = join(import.meta.dirname, '../competitors')

/** Installs the packages of the competitors if they are missing. @returns why that failed, or null */
export function installCompetitors({ progress }: RunOptions): string | null {
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return null
  progress('installing the competitors')
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  return status === 0 ? null : `The competitors could not be installed: ${stderr.trim().split('\n')[0]}`
}
