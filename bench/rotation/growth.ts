import { megabytes, ratio, whole } from '../measure/format.ts'
import { query } from '../processes/bench-postgres.ts'
import type { RunOptions } from '../report/group.ts'
import type { Table } from '../report/section.ts'
import { rotateOften } from './rotate-often.ts'
import { withoutWaiting } from './rotators.ts'
import type { SessionTable } from './sessions.ts'
import { readStorage } from './storage.ts'

/** How much the table and its indexes grow. Autovacuum works as it comes. */
export async function growthTable(table: SessionTable, { quick }: RunOptions): Promise<Table> {
  const count = quick ? 2_000 : 100_000
  // The rounds before have left their versions of the rows; this is the size of a table that was never changed.
  await query(table.url, 'VACUUM FULL sessions')
  const before = await readStorage(table.url)
  await rotateOften(table, withoutWaiting(table.url), { count, workers: 10 })
  const after = await readStorage(table.url)
  const row = (what: string, name: 'tableSize' | 'indexSize') => [
    what,
    megabytes(before[name]),
    megabytes(after[name]),
    ratio(after[name] / before[name]),
  ]
  const hot = (after.hotUpdates - before.hotUpdates) / (after.updates - before.updates)
  return {
    title: `${whole(count)} rotations of ${whole(table.count)} sessions`,
    columns: ['', 'before', 'after', 'ratio'],
    rows: [row('table', 'tableSize'), row('indexes', 'indexSize'), ['heap-only (HOT) updates', '', '', hot.toFixed(4)]],
  }
}
