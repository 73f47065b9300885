import type { DataSource } from 'typeorm'
import type { SessionStore } from '../core/sessions/session-store.ts'
import { sessionShape } from './entities/session.ts'
import { userShape } from './entities/user.ts'
import { openSession, registerUser } from './statements/open-session.ts'
import { run } from './statements/prepared.ts'
import { listLiveStatement, refusalStatement } from './statements/reads/read-sessions.ts'
import { renameStatement } from './statements/rename-session.ts'
import { revokeNamed } from './statements/revoke-sessions.ts'
import { anyRotation, ordinaryRotation } from './statements/rotate-statement.ts'
import { touchStatement } from './statements/touch-statement.ts'
import { translatingErrors } from './translate-error.ts'

export function createSessionStore(dataSource: DataSource): SessionStore {
  const { manager } = dataSource

  async function rotateOnce(values: readonly unknown[]) {
    const ordinary = await run(manager, ordinaryRotation, values)
    return ordinary.length > 0 ? ordinary : run(manager, anyRotation, values)
  }

  return translatingErrors<SessionStore>({
    open: (session) => openSession(dataSource, session),

    register: (account, session) => registerUser(dataSource, account, session),

    async rotate(presented) {
      const { sessionId, generation, gracePeriodMs, rotates, extendsByMs, refreshesPerMinute } = presented
      const values = [
        ...[sessionId, generation, gracePeriodMs, rotates, extendsByMs, refreshesPerMinute],
        ...[presented.userAgent, presented.ipAddress, presented.tokenExpiresAt],
      ]
      const [row] = await rotateOnce(values)
      if (row === undefined) return { outcome: 'unknown' }
      const { outcome, refreshWindowAt, now } = row
      switch (outcome) {
        case 'rotated':
        case 'repeated':
          return { outcome, session: sessionShape.read(row), user: userShape.read(row, 'user.'), now }
        case 'limited':
          return { outcome, retryAfterMs: refreshWindowAt.getTime() + 60_000 - now.getTime() }
        default:
          return { outcome }
      }
    },

    revoke: (revocation) => revokeNamed(manager, revocation),

    listLive: (userId, { firstId, maxItems }) => run(manager, listLiveStatement, [userId, firstId ?? null, maxItems]),

    async rename(userId, id, deviceName) {
      const [session] = await run(manager, renameStatement, [userId, id, deviceName])
      return session ?? null
    },

    async touch(lastSeenMs) {
      await run(manager, touchStatement, [[...lastSeenMs.keys()], [...lastSeenMs.values()]])
    },

    async refusalOf({ sessionId, userVersion }) {
      const [found] = await run(manager, refusalStatement, [sessionId])
      if (found === undefined || found.isRevoked) return 'SESSION_REVOKED'
      return userVersion < found.userVersion ? 'TOKEN_EXPIRED' : null
    },
  })
}
