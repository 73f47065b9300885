import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CLIENT = join(import.meta.dirname, '../../client')
const WARM_UP = join(import.meta.dirname, 'warm-up.cjs')
const TIMEOUT_MS = 60_000

/** What importing an entry of the built library costs a new Node process. */
export interface ImportCost {
  readonly ms: number
  /** What the heap and the compiled code have grown by, in bytes, after a garbage collection. */
  readonly bytes: number
}

export const ENTRIES = ['core', '', 'fetch', 'graphql-ws', 'apollo', 'vue'] as const
export type Entry = (typeof ENTRIES)[number]

/** The library that each adapter adapts, which the app has loaded anyway. */
const ADAPTED: Partial<Record<Entry, string>> = {
  'graphql-ws': 'graphql-ws',
  apollo: '@apollo/client/core',
  vue: 'vue',
}

/**
 * Imports an entry in a new process, after the library that it adapts.
 * @throws Error when the import fails, or changes anything: a global variable, a listener of the process, or a timer that
 * keeps it alive
 */
export async function importCost(entry: Entry, format: 'esm' | 'cjs'): Promise<ImportCost> {
  const name = entry === '' ? '@silent-refresh/client' : `@silent-refresh/client/${entry}`
  const adapted = ADAPTED[entry]
  const load = (module: string) => (format === 'esm' ? `await import('${module}')` : `require('${module}')`)
  // Node imports Apollo Client 3 by its files only.
  const other = adapted && (format === 'esm' && entry === 'apollo' ? `${adapted}/index.js` : adapted)
  const program = `
    const look = () => JSON.stringify([
      Object.getOwnPropertyNames(globalThis).sort(),
      process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout'),
    ])
    const weigh = () => { gc(); gc(); const { heapUsed, external } = process.memoryUsage(); return heapUsed + external }
    ${format === 'esm' ? '' : '(() => {'}
    // The first import of a process also loads what Node needs for it.
    ${load(WARM_UP)}
    ${other ? load(other) : ''}
    const before = look()
    const bytes = weigh()
    const since = performance.now()
    const loaded = ${load(name)}
    const ms = performance.now() - since
    const grown = weigh() - bytes
    if (look() !== before) throw new Error('The import has a side effect: ' + before + ' became ' + look())
    console.log(JSON.stringify({ ms, bytes: grown, names: Object.keys(loaded).length }))
    ${format === 'esm' ? '' : '})()'}
  `
  const type = format === 'esm' ? 'module' : 'commonjs'
  const args = ['--expose-gc', `--input-type=${type}`, '--eval', program]
  const { stdout } = await run(process.execPath, args, { cwd: CLIENT, timeout: TIMEOUT_MS })
  return JSON.parse(stdout) as ImportCost
}
