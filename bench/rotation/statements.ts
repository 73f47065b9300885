import { medianOf, microseconds, rate, ratio } from '../measure/format.ts'
import type { BenchPostgres } from '../processes/bench-postgres.ts'
import type { RunOptions } from '../report/group.ts'
import type { Table } from '../report/section.ts'
import { compare, type Pace } from './compare.ts'
import { createRotators, labels, withoutWaiting } from './rotators.ts'
import type { SessionTable } from './sessions.ts'

/** Compares the ways to rotate, with one and with ten connections, and with ten that do not wait for the disk. */
export async function statementTable(
  { pid: postgresPid }: BenchPostgres,
  table: SessionTable,
  { quick }: RunOptions,
): Promise<Table> {
  const timing = { postgresPid, ...(quick ? { rounds: 2, roundMs: 100 } : { rounds: 5, roundMs: 700 }) }
  const waiting = await createRotators(table, table.url)
  const relaxed = await createRotators(table, withoutWaiting(table.url))
  try {
    const settings = [
      await compare(waiting, { ...timing, workers: 1 }),
      await compare(waiting, { ...timing, workers: 10 }),
      await compare(relaxed, { ...timing, workers: 10 }),
    ]
    const base = waiting.findIndex(({ label }) => label === labels.oldPlanned)
    return {
      title: 'Rotations a second',
      columns: [
        'Statement',
        '1 connection',
        'ratio',
        '10 connections',
        'ratio',
        '10 without waiting',
        'ratio',
        'Postgres',
      ],
      rows: waiting.map(({ label }, index) => [
        label,
        ...settings.flatMap((paces) => figures(paces, index, base)),
        microseconds(medianOf(settings.slice(1).map((paces) => paces[index]?.postgresUs ?? Number.NaN))),
      ]),
    }
  } finally {
    await Promise.all([...waiting, ...relaxed].map(({ close }) => close()))
  }
}

function figures(paces: readonly Pace[], index: number, base: number): [string, string] {
  const [own, old] = [paces[index]?.perSecond ?? Number.NaN, paces[base]?.perSecond ?? Number.NaN]
  return [rate(own), ratio(own / old)]
}
