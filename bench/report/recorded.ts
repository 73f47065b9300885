import type { Section, Table } from './section.ts'

/** The first words of notes that belong to a run; the others explained what a `Presentation` explains now. */
const CIRCUMSTANCE = /^(The competitors: |Core \d|Postgres ran on |Nothing was pinned|No more could be opened|Failed: )/

/** What was particular to a run. Results of November 2026 have it among their notes. */
export const circumstancesOf = ({ circumstances, notes = [] }: Section): readonly string[] =>
  circumstances ?? notes.filter((note) => CIRCUMSTANCE.test(note))

/** A table without goals, which results of November 2026 contain. */
export function withoutRecordedGoals(table: Table): Table {
  const goal = table.columns.indexOf('to reach')
  const without = (cells: readonly string[]) => cells.filter((_, index) => index !== goal)
  const rows = table.rows.map(([first = '', ...rest]) => without([first.replace(/ \(to reach: .*\)$/, ''), ...rest]))
  return { ...table, columns: without(table.columns), rows }
}
