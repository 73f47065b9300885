import type { Presentation } from '../report/presentation.ts'

export const READERS = 4
export const SIGN_INS_AT_ONCE = 8
/** Between two requests of a reader: enough requests for a percentile, and too few to be a load themselves. */
export const PAUSE_MS = 5

export const presentation: Presentation = {
  title: 'Operations while others sign in',
  goals: [{ row: 'ratio', columns: ['`me`, p99'], bound: '≤ 3' }],
  notes: [
    `At the same time, ${READERS} users ask for \`me\`, each ${PAUSE_MS} ms after the last answer, while ${SIGN_INS_AT_ONCE} others sign in again
    and again, with bcrypt at cost 10. Nothing is pinned: bcrypt has threads of its own, and shares the machine's cores with
    the server, Postgres and this client. The event-loop delay is the server's own measurement, from \`/metrics\`.`,
    `The default cost is 12, which takes four times the work of cost 10.`,
    'An unknown email must take as long as a wrong password (PROTOCOL.md, S1). Each was sent alone, without other load.',
  ],
}
