import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Presentations } from './presentation.ts'
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

/** Stores the results, and the report that is rendered from them. */
export function writeResults(results: Results, presentations: Presentations): void {
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  writeReport(results, presentations)
}

/** Writes the report alone, for example after a change of its words. */
export function writeReport(results: Results, presentations: Presentations): void {
  writeFileSync(join(folder, 'RESULTS.md'), renderReport(results, presentations))
}
