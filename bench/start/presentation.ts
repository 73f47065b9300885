import { figureIn } from '../report/goal.ts'
import type { Presentation } from '../report/presentation.ts'
import type { Table } from '../report/section.ts'

/** Of a full run. */
export const ROUNDS = 3
export const IDLE_MS = 5_000

export const rows = {
  first: 'first start, which creates the embedded Postgres',
  later: 'later start with the embedded Postgres',
  production: 'in production, on a Postgres that is running',
} as const

const goals = [
  { row: rows.first, columns: ['until ready'], bound: '< 3,000 ms' },
  { row: rows.later, columns: ['until ready'], bound: '< 1,500 ms' },
]

export const presentation: Presentation = {
  title: 'Start and idle memory',
  goals,
  remarks: (tables) => tables.flatMap(reasons),
  notes: [
    `The time from the start of the process until \`/readyz\` answers 200; medians of ${ROUNDS}. The memory is that of the server's
    process, without Postgres, ${IDLE_MS / 1_000} s later. Nothing is pinned. On Node 22 and newer, later starts use a cache of
    compiled code, which Node 20 does not have.`,
  ],
}

/** Whether the server alone takes longer than the goal for a start together with its Postgres. */
function reasons({ rows: [...measured] }: Table): string[] {
  const timeOf = (row: string) => measured.find(([first]) => first === row)?.[1] ?? '–'
  const alone = timeOf(rows.production)
  return figureIn(alone) > figureIn('1,500')
    ? [
        `Why goals were missed: the server alone, on a Postgres that is running, takes ${alone}, and the embedded Postgres adds
        little to it at a later start (${timeOf(rows.later)} in all).`,
      ]
    : []
}
