import { microseconds, rate, ratio, whole } from '../measure/format.ts'
import type { BenchPostgres } from '../processes/bench-postgres.ts'
import type { RunOptions } from '../report/group.ts'
import type { Table } from '../report/section.ts'
import { compare } from './compare.ts'
import { storeRotator, withoutWaiting } from './rotators.ts'
import { createSessions, type SessionTable } from './sessions.ts'

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
  const rows: string[][] = []
  for (const [what, urlOf] of [
    ['10 connections', (url: string) => url],
    ['10 without waiting', withoutWaiting],
  ] as const) {
    const rotators = [await storeRotator(few, urlOf(few.url)), await storeRotator(many, urlOf(many.url))]
    try {
      const [small, large] = await compare(rotators, timing)
      if (small === undefined || large === undefined) throw new Error('A table was not measured.')
      const share = ratio(large.perSecond / small.perSecond)
      const times = [microseconds(small.postgresUs), microseconds(large.postgresUs)]
      rows.push([what, rate(small.perSecond), rate(large.perSecond), share, '≥ 0.9', ...times])
    } finally {
      await Promise.all(rotators.map(({ close }) => close()))
    }
  }
  const [small, large] = [whole(few.count), whole(many.count)]
  return {
    title: `${large} sessions against ${small}`,
    columns: [
      'Rotations a second',
      `of ${small}`,
      `of ${large}`,
      'ratio',
      'to reach',
      `Postgres, ${small}`,
      `Postgres, ${large}`,
    ],
    rows,
  }
}
