import type { SecurityEvent } from '../../core/model.ts'
import type { Page } from '../../core/page.ts'
import { claimsOf } from '../context.ts'
import type { MutationResolvers, QueryResolvers, SubscriptionResolvers } from '../generated.ts'

export const me: QueryResolvers['me'] = (_parent, _args, context) => context.accounts.me(claimsOf(context))

export const securityEvents: QueryResolvers['securityEvents'] = async (_parent, args, context) =>
  toConnection(await context.accounts.listEvents(claimsOf(context), args), args.after)

export const securityEvent: SubscriptionResolvers['securityEvent'] = {
  subscribe: (_parent, _args, context) => context.accounts.watchEvents(claimsOf(context)),
  resolve: (event: SecurityEvent) => event,
}

export const users: QueryResolvers['users'] = async (_parent, args, context) =>
  toConnection(await context.accounts.listUsers(args, args.search), args.after)

export const changePassword: MutationResolvers['changePassword'] = async (_parent, args, context) => {
  await context.accounts.changePassword(claimsOf(context), args.currentPassword, args.newPassword, context.origin)
  return true
}

export const setUserRole: MutationResolvers['setUserRole'] = (_parent, { userId, role }, context) =>
  context.accounts.setRole(userId, role, claimsOf(context).userId)

export const revokeUserSessions: MutationResolvers['revokeUserSessions'] = (_parent, { userId }, context) =>
  context.accounts.revokeSessionsOf(userId, claimsOf(context).userId)

/** @see GraphQL Cursor Connections Specification */
function toConnection<T>({ items, hasNextPage }: Page<T>, after: string | null | undefined) {
  return {
    edges: items,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: after != null,
      startCursor: items.at(0)?.cursor ?? null,
      endCursor: items.at(-1)?.cursor ?? null,
    },
  }
}
