import type { Resolvers } from '../generated.ts'
import { DateTime, EmailAddress } from '../scalars.ts'
import { changePassword, me, securityEvent, securityEvents } from './accounts.ts'
import { revokeUserSessions, setUserRole, users } from './admin.ts'
import { renameSession, revokeOtherSessions, revokeSession, Session, sessions } from './devices.ts'
import { login, logout, refreshToken, register } from './sessions.ts'

export const resolvers = {
  DateTime,
  EmailAddress,
  Query: { me, sessions, securityEvents, users, serverTime: (_parent, _args, { clock }) => new Date(clock.nowMs()) },
  Mutation: {
    ...{ register, login, refreshToken, logout },
    ...{ renameSession, revokeSession, revokeOtherSessions },
    ...{ changePassword, setUserRole, revokeUserSessions },
  },
  Subscription: { securityEvent },
  Session,
} satisfies Partial<Resolvers>
