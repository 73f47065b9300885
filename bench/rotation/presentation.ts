import type { Presentation } from '../report/presentation.ts'

export const presentation: Presentation = {
  title: 'The rotation in Postgres',
  goals: [
    { row: 'table', columns: ['ratio'], bound: '≤ 1.2' },
    { row: 'heap-only (HOT) updates', columns: ['ratio'], bound: '≥ 0.99' },
    { row: '10 connections', columns: ['ratio'], bound: '≥ 0.9' },
    { row: '10 without waiting', columns: ['ratio'], bound: '≥ 0.9' },
  ],
  notes: [
    `In one process through \`pg\`, without HTTP and tokens, on 1,000 sessions of 250 users unless the table says otherwise.
    Medians of rounds that took turns. A named statement is planned once per connection. The ratios compare with the statement
    of d4f0598 as it ran then, planned anew for each refresh, but sent by the driver without TypeORM.`,
    `"Without waiting" is \`synchronous_commit = off\`, which shows the statement without the disk; the server does not use it.
    "Postgres" is the processor time of all its processes for one rotation, as the median of the runs with 10 connections.
    The first chapter shows how busy Postgres is with refreshes over HTTP.`,
    `A first change of a page after a checkpoint writes the whole page to the WAL, so the WAL per refresh falls with the number
    of refreshes per page and checkpoint. 1,000 sessions have so few pages that the copies hardly count; with a million, they
    are most of the WAL (decision 11).`,
  ],
}
