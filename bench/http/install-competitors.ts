import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunOptions } from '../report/group.ts'

const folder = join(import.meta.dirname, '../competitors')

/** Installs the packages of the competitors if they are missing or old. @returns why that failed, or null */
export function installCompetitors({ progress }: RunOptions): string | null {
  if (isInstalled()) return null
  progress('installing the competitors')
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  return status === 0 ? null : `The competitors could not be installed: ${stderr.trim().split('\n')[0]}`
}

/** Whether every package is there, in the version of today. */
function isInstalled(): boolean {
  const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'))
  try {
    const { dependencies } = read('package.json')
    return Object.entries(dependencies).every(([name, v]) => read(`node_modules/${name}/package.json`).version === v)
  } catch {
    return false
  }
}

/** The packages that are compared, each with its version. */
export function competitorVersions(): string {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}
