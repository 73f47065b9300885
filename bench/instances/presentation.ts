import type { Presentation } from '../report/presentation.ts'

export const presentation: Presentation = {
  title: 'Two instances',
  notes: [
    `Two processes of the built server on one Postgres, with nothing pinned. See PROTOCOL.md, S7 and S15.`,
    `The last column says how much was counted. "At most 1 successor" is a result: the refreshes of one token never got two
    different new tokens, as S7 requires.`,
  ],
}
