import type { Presentation } from '../report/presentation.ts'

/** Of a full run. */
export const ROUNDS = 9

export const presentation: Presentation = {
  title: 'Signing and verifying tokens',
  notes: [
    `In one process, HS256, medians of ${ROUNDS} rounds that took turns. Given a string, jsonwebtoken first tries to parse it
    as a PEM key (PROTOCOL.md, S3). Our verification also checks type, issuer, audience and claims.`,
  ],
}
