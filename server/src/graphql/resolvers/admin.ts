import { claimsOf } from '../context.ts'
import type { MutationResolvers, QueryResolvers } from '../generated.ts'
import { toConnection } from './connection.ts'

export const users: QueryResolvers['users'] = async (_parent, args, context) =>
  toConnection(await context.admin.listUsers(args, args.search), args.after)

export const setUserRole: MutationResolvers['setUserRole'] = (_parent, { userId, role }, context) =>
  context.admin.setRole(userId, role, claimsOf(context).userId)

export const revokeUserSessions: MutationResolvers['revokeUserSessions'] = (_parent, { userId }, context) =>
  context.admin.revokeSessionsOf(userId, claimsOf(context).userId)
