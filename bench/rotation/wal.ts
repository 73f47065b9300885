import { ratio, whole } from '../measure/format.ts'
import { query } from '../processes/bench-postgres.ts'
import type { RunOptions } from '../report/group.ts'
import type { Table } from '../report/section.ts'
import { rotateOften } from './rotate-often.ts'
import type { SessionTable } from './sessions.ts'
import { readStorage } from './storage.ts'

/** What a refresh writes, with one and with ten connections that wait for the disk. */
export async function walTable(table: SessionTable, { quick }: RunOptions): Promise<Table> {
  const count = quick ? 300 : 10_000
  const rows: string[][] = []
  for (const workers of [1, 10]) {
    await query(table.url, 'CHECKPOINT') // so that each run starts alike
    const before = await readStorage(table.url)
    await rotateOften(table, table.url, { count, workers })
    const after = await readStorage(table.url)
    const each = (name: 'walBytes' | 'walPages' | 'walWrites' | 'walSyncs') => (after[name] - before[name]) / count
    rows.push([
      `${workers} connection${workers === 1 ? '' : 's'}, ${whole(count)} refreshes after a checkpoint`,
      whole(each('walBytes')),
      ratio(each('walPages')),
      ratio(each('walWrites')),
      ratio(each('walSyncs')),
    ])
  }
  return { title: 'Written per refresh', columns: ['', 'WAL bytes', 'whole pages', 'WAL writes', 'WAL syncs'], rows }
}
