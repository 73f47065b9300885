import { figureIn } from '../report/goal.ts'
import type { Presentation } from '../report/presentation.ts'
import type { Table } from '../report/section.ts'

export const FIRST_LOADS = 'First load of the app'
/** First loads of each page and speed in a full run. */
export const ROUNDS = 5
export const firstLoadColumns = ['Page', 'first paint', 'usable', 'blocked', 'script', 'transferred', 'requests']
/** Those that depend on how busy the machine is. */
const TIMES = ['first paint', 'usable', 'blocked', 'script']

/** A row of first loads. @param cpu how many times slower the processor is */
export const firstLoadName = (page: string, cpu: number, network?: string): string =>
  [page, `processor ÷ ${cpu}`, network].filter(Boolean).join(', ')

export const presentation: Presentation = {
  title: 'Client: the library and the app',
  show: (tables) => tables.map((table) => (isDisturbed(table) ? withoutTimes(table) : table)),
  remarks: (tables) => [
    `First loads are medians of ${ROUNDS} in Chromium with an empty cache. A page is usable when the form can be submitted, the
    list of devices is shown after the refresh, or the editor shows its first example. "Transferred" and "requests" count until
    then.`,
    tables.some(isDisturbed)
      ? `The times of first loads were measured as well, but are left out because they contradict each other: pages were usable
        sooner with a slower processor, or before they were painted. Other work on the machine is the likely cause.`
      : '"First paint" and "usable" count from the start of the navigation. "Blocked": what tasks took beyond 50 ms each until then.',
  ],
  notes: [
    `Sizes are of the library alone, minified and gzipped, without the libraries that it adapts. A test enforces the limits.`,
    `The operations go to a link that answers at once, without a network: the difference is what silentRefreshLink adds to an
    operation, and the ratio says little.`,
    `An import is measured in a new Node process, after the library that the entry adapts has been loaded; it fails if the import
    leaves a global variable, a listener or a timer.`,
  ],
}

/** Whether a slower processor came out faster, or a page was usable before it was painted: then the times are noise. */
export function isDisturbed({ title, columns, rows }: Table): boolean {
  if (title !== FIRST_LOADS) return false
  const time = (cells: readonly string[], name: string) => figureIn(cells[columns.indexOf(name)])
  const usable = new Map(rows.map((cells) => [cells[0], time(cells, 'usable')]))
  return rows.some((cells) => {
    const [name = '', own] = [cells[0], time(cells, 'usable')]
    const slower = usable.get(name.replace('processor ÷ 4', 'processor ÷ 6'))
    return own < time(cells, 'first paint') || (slower !== undefined && slower < own)
  })
}

function withoutTimes(table: Table): Table {
  const times = TIMES.map((name) => table.columns.indexOf(name))
  const keep = (cells: readonly string[]) => cells.filter((_, index) => !times.includes(index))
  return { ...table, columns: keep(table.columns), rows: table.rows.map(keep) }
}
