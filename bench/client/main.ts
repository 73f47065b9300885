import { BUNDLES, sizeOf } from '../../client/test/support/bundle-size.ts'
import { medianOf } from '../measure/format.ts'
import type { Group, RunOptions } from '../report/group.ts'
import type { Section, Table } from '../report/section.ts'
import { measureFirstLoads } from './first-load.ts'
import { ENTRIES, importCost } from './import-cost.ts'
import { operationCosts, refreshesFor } from './library.ts'
import { presentation } from './presentation.ts'

/** The client: the library and the app. */
export const client: Group = {
  name: 'client',
  title: presentation.title,
  async run(options): Promise<Section> {
    const parts = [sizes, behaviour, imports, measureFirstLoads]
    const tables: Table[] = []
    for (const part of parts) tables.push(await part(options).catch((error) => failed(part.name, error)))
    return { title: this.title, tables }
  },
}

/** A part that cannot be measured does not keep the others from being measured. */
const failed = (part: string, error: unknown): Table => ({
  columns: ['Measurement', 'result'],
  rows: [[part, `failed: ${String(error).split('\n')[0]}`]],
})

async function sizes({ progress }: RunOptions): Promise<Table> {
  progress('sizes of the library')
  const rows: string[][] = []
  for (const bundle of BUNDLES) rows.push([bundle.name, `${await sizeOf(bundle)} B`, `${bundle.limit} B`])
  return { title: 'Size of the library', columns: ['What an app takes of it', 'size', 'limit'], rows }
}

async function behaviour({ quick, progress }: RunOptions): Promise<Table> {
  progress('refreshes, and operations through the link')
  const { bare, silent } = await operationCosts(quick ? 2_000 : 20_000, quick ? 1 : 5)
  const [bareUs, silentUs] = [medianOf(bare), medianOf(silent)]
  return {
    title: 'The library at work',
    columns: ['Measurement', 'result'],
    rows: [
      ['refreshes for 50 operations at expiry', String(await refreshesFor(1, 50))],
      ['refreshes for 5 tabs with 10 operations each', String(await refreshesFor(5, 10))],
      ['an operation through a bare Apollo link', `${bareUs.toFixed(1)} µs`],
      ['the same through silentRefreshLink', `${silentUs.toFixed(1)} µs (${(silentUs / bareUs).toFixed(1)} times)`],
    ],
  }
}

async function imports({ quick, progress }: RunOptions): Promise<Table> {
  const rows: string[][] = []
  for (const entry of ENTRIES) {
    progress(`import of ${entry || 'the main entry'}`)
    const row = [entry === '' ? '`@silent-refresh/client`' : `\`@silent-refresh/client/${entry}\``]
    for (const format of ['esm', 'cjs'] as const) {
      const costs = await Promise.resolve()
        .then(() => repeat(quick ? 1 : 5, () => importCost(entry, format)))
        .catch((error: unknown) => error)
      if (!Array.isArray(costs)) row.push(`failed: ${String(costs).split('\n')[0]}`, '–')
      else
        row.push(
          `${medianOf(costs.map(({ ms }) => ms)).toFixed(1)} ms`,
          `${(medianOf(costs.map(({ bytes }) => bytes)) / 1_000).toFixed(0)} kB`,
        )
    }
    rows.push(row)
  }
  const columns = ['Entry', 'ES modules', 'memory', 'CommonJS', 'memory']
  return { title: 'Import of the library in Node', columns, rows }
}

async function repeat<T>(times: number, measure: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  while (results.length < times) results.push(await measure())
  return results
}
