import { megabytes, microseconds, rate, ratio, whole } from '../measure/format.ts'
import type { BenchPostgres } from '../processes/bench-postgres.ts'
import type { RunOptions } from '../report/group.ts'
import type { Table } from '../report/section.ts'
import { compare } from './compare.ts'
import { storeRotator, withoutWaiting } from './rotators.ts'
import { createSessions, type SessionTable } from './sessions.ts'
import { readStorage } from './storage.ts'

/** Random sessions of a million against random sessions of a thousand. */
export async function millionTable(
  postgres: BenchPostgres,
  few: SessionTable,
  { quick, progress }: RunOptions,
): Promise<Table> {
  const many = await createSessions(postgres, 'million', quick ? 10_000 : 1_000_000)
  progress(`${whole(many.count)} sessions created`)
  const timing = {
    workers: 10,
    postgresPid: postgres.pid,
    ...(quick ? { rounds: 2, roundMs: 100 } : { rounds: 7, roundMs: 1_500 }),
  }
  const [small, large] = [await readStorage(few.url), await readStorage(many.url)]
  const sizes = (name: 'tableSize' | 'indexSize') => [small, large].map((storage) => megabytes(storage[name]))
  const rows = [
    ['size of the table', ...sizes('tableSize'), '', '', ''],
    ['size of its indexes', ...sizes('indexSize'), '', '', ''],
  ]
  for (const [what, urlOf] of [
    ['10 connections', (url: string) => url],
    ['10 without waiting', withoutWaiting],
  ] as const) {
    const rotators = [await storeRotator(few, urlOf(few.url)), await storeRotator(many, urlOf(many.url))]
    try {
      const [fewRate, manyRate] = await compare(rotators, timing)
      if (fewRate === undefined || manyRate === undefined) throw new Error('A table was not measured.')
      const share = ratio(manyRate.perSecond / fewRate.perSecond)
      const times = [microseconds(fewRate.postgresUs), microseconds(manyRate.postgresUs)]
      rows.push([what, rate(fewRate.perSecond), rate(manyRate.perSecond), share, ...times])
    } finally {
      await Promise.all(rotators.map(({ close }) => close()))
    }
  }
  const [fewCount, manyCount] = [whole(few.count), whole(many.count)]
  return {
    title: `${manyCount} sessions against ${fewCount}`,
    columns: [
      'Rotations a second',
      `of ${fewCount}`,
      `of ${manyCount}`,
      'ratio',
      `Postgres, ${fewCount}`,
      `Postgres, ${manyCount}`,
    ],
    rows,
  }
}
