import type { Table } from './section.ts'

/**
 * A figure that the project set itself, before the work on speed. Goals are shown in RESULTS.md and enforced nowhere; they are
 * not part of a result, so that nothing measured with `--quick` is compared with them.
 */
export interface Goal {
  /** The first cell of the row. */
  readonly row: string
  /** The columns with the figures that have to reach it. */
  readonly columns: readonly string[]
  /** Such as `≥ 0.75` or `< 3,000 ms`. */
  readonly bound: string
}

/** Not measured: the row has no figure, for example because a server failed. */
export type Verdict = 'met' | 'missed' | 'not measured'

const reaches: Record<string, (figure: number, bound: number) => boolean> = {
  '≥': (figure, bound) => figure >= bound,
  '≤': (figure, bound) => figure <= bound,
  '<': (figure, bound) => figure < bound,
}

/** The figure in a cell, without its unit; NaN without one. */
export const figureIn = (cell = ''): number => Number.parseFloat(cell.replaceAll(',', ''))

/** A goal is met if every figure reaches it. @throws Error when the bound has no known sign */
export function verdictOn({ bound }: Goal, cells: readonly string[]): Verdict {
  const [sign = '', ...rest] = bound.split(' ')
  const isReached = reaches[sign]
  const limit = figureIn(rest.join(' '))
  if (isReached === undefined || Number.isNaN(limit)) throw new Error(`${bound} is no goal.`)
  const figures = cells.map(figureIn).filter((figure) => !Number.isNaN(figure))
  if (figures.length === 0) return 'not measured'
  return figures.every((figure) => isReached(figure, limit)) ? 'met' : 'missed'
}

/** The cells of a row that a goal is about; undefined if the table has no such row or columns. */
export function cellsFor({ row, columns }: Goal, table: Table): readonly string[] | undefined {
  const cells = table.rows.find(([first]) => first === row)
  const indexes = columns.map((column) => table.columns.indexOf(column))
  return cells === undefined || indexes.includes(-1) ? undefined : indexes.map((index) => cells[index] ?? '')
}

/** The table with a last column that says of each goal whether it was met. */
export function withGoals(table: Table, goals: readonly Goal[]): Table {
  const marks = new Map<string, string>()
  for (const goal of goals) {
    const cells = cellsFor(goal, table)
    if (cells === undefined) continue
    const verdict = verdictOn(goal, cells)
    marks.set(goal.row, `${goal.bound}: ${verdict === 'missed' ? '**missed**' : verdict}`)
  }
  if (marks.size === 0) return table
  return {
    ...table,
    columns: [...table.columns, 'goal'],
    rows: table.rows.map((row) => [...row, marks.get(row[0] ?? '') ?? '']),
  }
}
