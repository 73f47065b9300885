import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
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

/** The packages that are compared, each with its version. */
export function competitorVersions(): string {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}
