import { medianOf, microseconds, percent, rate, ratio } from '../measure/format.ts'
import type { Table } from '../report/section.ts'
import { type Label, labels } from './labels.ts'
import { ratioName } from './presentation.ts'
import type { Outcome, Round } from './take-turns.ts'

/** The outcomes of one number of connections. */
export interface Run {
  readonly connections: number
  readonly outcomes: ReadonlyMap<Label, Outcome>
}

/** The ratios to show. */
const comparisons: readonly (readonly [of: Label, to: Label])[] = [
  [labels.refreshToken, labels.apolloUpdate],
  [labels.refreshToken, labels.classic],
  [labels.refreshToken, labels.oidc],
  [labels.refreshToken, labels.oidcPlain],
  [labels.refreshToken, labels.oidcPostgres],
  [labels.refreshToken, labels.betterAuthRefresh],
  [labels.me, labels.apollo],
  [labels.me, labels.apolloDefault],
  [labels.me, labels.betterAuth],
]

const roundsOf = ({ outcomes }: Run, label: Label): readonly (Round | null)[] => {
  const outcome = outcomes.get(label)
  return outcome === undefined || 'failure' in outcome ? [] : outcome.rounds
}

const medianRound = (run: Run, label: Label, value: (round: Round) => number) =>
  medianOf(
    roundsOf(run, label)
      .map((round) => (round === null ? Number.NaN : value(round)))
      .filter(Number.isFinite),
  )

/** Requests a second, and what they cost. */
export function throughputTable(runs: readonly Run[], order: readonly Label[]): Table {
  return {
    columns: [
      'What',
      ...runs.flatMap(({ connections }) => [
        `/s, ${connections} connections`,
        'server',
        'load',
        'Postgres',
        'µs/request',
      ]),
    ],
    rows: order.map((label) => [
      label,
      ...runs.flatMap((run) => {
        const outcome = run.outcomes.get(label)
        if (outcome === undefined || 'failure' in outcome) {
          return [`failed: ${outcome?.failure ?? 'not run'}`, '–', '–', '–', '–']
        }
        return [
          rate(medianRound(run, label, ({ perSecond }) => perSecond)),
          percent(medianRound(run, label, ({ serverBusy }) => serverBusy)),
          percent(medianRound(run, label, ({ loadBusy }) => loadBusy)),
          percent(medianRound(run, label, ({ postgresBusy }) => postgresBusy)),
          microseconds(medianRound(run, label, ({ serverCpuUs }) => serverCpuUs)),
        ]
      }),
    ]),
  }
}

/** Each ratio is the median of the ratios of the single rounds. */
export function ratioTable(runs: readonly Run[]): Table {
  return {
    title: 'Ratios',
    columns: ['Requests a second', ...runs.map(({ connections }) => `${connections} connections`)],
    rows: comparisons.map(([of, to]) => [ratioName(of, to), ...runs.map((run) => ratio(ratioOf(run, of, to)))]),
  }
}

function ratioOf(run: Run, of: Label, to: Label): number {
  const base = roundsOf(run, to)
  return medianOf(
    roundsOf(run, of)
      .map((round, index) => (round?.perSecond ?? Number.NaN) / (base[index]?.perSecond ?? Number.NaN))
      .filter(Number.isFinite),
  )
}
