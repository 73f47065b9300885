import type { SecurityEvent } from '../../core/model.ts'
import { claimsOf } from '../context.ts'
import type { MutationResolvers, QueryResolvers, SubscriptionResolvers } from '../generated.ts'
import { toConnection } from './connection.ts'

export const me: QueryResolvers['me'] = (_parent, _args, context) => context.accounts.me(claimsOf(context))

export const securityEvents: QueryResolvers['securityEvents'] = async (_parent, args, context) =>
  toConnection(await context.accounts.listEvents(claimsOf(context), args), args.after)

export const securityEvent: SubscriptionResolvers['securityEvent'] = {
  subscribe: (_parent, _args, context) => context.accounts.watchEvents(claimsOf(context)),
  resolve: (event: SecurityEvent) => event,
}

export const changePassword: MutationResolvers['changePassword'] = async (_parent, args, context) => {
  await context.passwords.change(claimsOf(context), args, context)
  return true
}
