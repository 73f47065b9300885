import type { Resolvers } from '../generated.ts'
import { DateTime, EmailAddress } from '../scalars.ts'
import * as accounts from './accounts.ts'
import * as devices from './devices.ts'
import * as signIn from './sign-in.ts'

const { me, securityEvents, securityEvent, users, changePassword, setUserRole, revokeUserSessions } = accounts
const { Session, sessions, renameSession, revokeSession, revokeOtherSessions } = devices
const { register, login, refreshToken, logout } = signIn

export const resolvers = {
  DateTime,
  EmailAddress,
  Query: { me, sessions, securityEvents, users, serverTime: () => new Date() },
  Mutation: {
    ...{ register, login, refreshToken, logout },
    ...{ renameSession, revokeSession, revokeOtherSessions },
    ...{ changePassword, setUserRole, revokeUserSessions },
  },
  Subscription: { securityEvent },
  Session,
} satisfies Partial<Resolvers>
