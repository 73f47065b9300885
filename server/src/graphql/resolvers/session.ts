import type { SessionRow } from '../../session/session-store.ts'
import { claimsOf } from '../context.ts'
import type { QueryResolvers, SessionResolvers } from '../generated.ts'

/** A session as one of its person's sees it. */
export type SessionModel = SessionRow & { current: boolean }

export const Session: Pick<SessionResolvers, 'current'> = { current: ({ current }) => current }

export const sessions: QueryResolvers['sessions'] = async (_parent, _args, context) => {
  const claims = claimsOf(context)
  const rows = await context.sessions.listSessions(claims.userId)
  return rows
    .map((row) => ({ ...row, current: row.id === claims.sessionId }))
    .sort((left, right) => Number(right.current) - Number(left.current))
}
