import { UnauthenticatedError } from '../../errors.ts'
import { claimsOf } from '../context.ts'
import type { Resolvers } from '../generated.ts'
import { DateTime, EmailAddress } from '../scalars.ts'
import { Session, sessions } from './session.ts'
import { login, logout, refreshToken, register } from './sign-in.ts'

export const resolvers = {
  DateTime,
  EmailAddress,
  Query: {
    async me(_parent, _args, context) {
      const user = await context.sessions.findUser(claimsOf(context).userId)
      // The token is good but its person is gone, as after a restore: signing in again is the only way on.
      if (user === null) throw new UnauthenticatedError('SESSION_REVOKED')
      return user
    },
    sessions,
    serverTime: () => new Date(),
  },
  Mutation: { register, login, refreshToken, logout },
  Session,
} satisfies Partial<Resolvers>
