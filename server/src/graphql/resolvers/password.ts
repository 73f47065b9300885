import { claimsOf } from '../context.ts'
import type { MutationResolvers } from '../generated.ts'
import { deliverTokens } from './deliver-tokens.ts'

export const register: MutationResolvers['register'] = async (_parent, { input }, context) =>
  deliverTokens(await context.passwords.signUp(input, context.origin), input.tokenTransport, context)

export const login: MutationResolvers['login'] = async (_parent, { input }, context) =>
  deliverTokens(await context.passwords.signIn(input, context.origin), input.tokenTransport, context)

export const changePassword: MutationResolvers['changePassword'] = async (_parent, args, context) => {
  await context.passwords.change(claimsOf(context), args, context.origin)
  return true
}
