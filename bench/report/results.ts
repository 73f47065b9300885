import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderReport } from './render-report.ts'
import type { Results } from './result.ts'

const folder = join(import.meta.dirname, '..')

/** The stored results; none when nothing has been measured. */
export function readResults(): Results {
  try {
    return JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

/** Stores the results, and the report that is rendered from them. @param order the names of the groups */
export function writeResults(results: Results, order: readonly string[]): void {
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(join(folder, 'RESULTS.md'), renderReport(results, order))
}
