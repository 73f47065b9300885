import { claimsOf } from '../context.ts'
import type { MutationResolvers, QueryResolvers, SessionResolvers } from '../generated.ts'

/** A session is current when the request was made with it, or has just opened or refreshed it. */
export const Session: Pick<SessionResolvers, 'current'> = {
  current: ({ id }, _args, { identity, answered }) =>
    answered.has(id) || ('claims' in identity && identity.claims.sessionId === id),
}

export const sessions: QueryResolvers['sessions'] = (_parent, _args, context) => context.devices.list(claimsOf(context))

export const renameSession: MutationResolvers['renameSession'] = (_parent, { id, deviceName }, context) =>
  context.devices.rename(claimsOf(context), id, deviceName)

export const revokeSession: MutationResolvers['revokeSession'] = async (_parent, { id }, context) => {
  await context.devices.revoke(claimsOf(context), id)
  return true
}

export const revokeOtherSessions: MutationResolvers['revokeOtherSessions'] = (_parent, _args, context) =>
  context.devices.revokeOthers(claimsOf(context))
