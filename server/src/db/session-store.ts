import type { DataSource } from 'typeorm'
import type { User } from '../core/model.ts'
import type { Outcome, SessionStore } from '../core/sessions/session-store.ts'
import { SessionEntity, toSession } from './entities/session.ts'
import { openSession, registerUser } from './statements/open-session.ts'
import { live, revokeNamed } from './statements/revoke-sessions.ts'
import { rotateStatement } from './statements/rotate-statement.ts'
import { touchStatement } from './statements/touch-statement.ts'
import { translatingErrors } from './translate-error.ts'

/** What the rotation returns beside the columns of `sessions`. */
interface RotatedRow extends Pick<User, 'username' | 'email' | 'role' | 'version'> {
  readonly user_created_at: Date
  readonly now: Date
}

export function createSessionStore(dataSource: DataSource): SessionStore {
  const repository = dataSource.getRepository(SessionEntity)
  // The entity alone knows which column is which property; TypeORM maps the row as it does after its own INSERT.
  const entityOf = (row: object) => dataSource.driver.createGeneratedMap(repository.metadata, row) as SessionEntity

  return translatingErrors<SessionStore>({
    open: (session) => openSession(dataSource, session),

    register: (account, session) => registerUser(dataSource, account, session),

    async rotate(presented) {
      const { sessionId, generation, gracePeriodMs, rotates, extendsByMs, refreshesPerMinute } = presented
      const [row] = await dataSource.query<RotatedRow[]>(rotateStatement, [
        ...[sessionId, generation, gracePeriodMs, rotates, extendsByMs, refreshesPerMinute],
        ...[presented.userAgent, presented.ipAddress, presented.tokenExpiresAt],
      ])
      if (row === undefined) return { outcome: 'unknown' }
      const session = entityOf(row)
      const outcome = session.lastOutcome as Exclude<Outcome, 'unknown'>
      const { username, email, role, version, user_created_at: createdAt, now } = row
      switch (outcome) {
        case 'rotated':
        case 'repeated': {
          const user = { id: session.userId, username, email, role, version, createdAt }
          return { outcome, session: toSession(session), user, now }
        }
        case 'limited':
          return { outcome, retryAfterMs: session.refreshWindowAt.getTime() + 60_000 - now.getTime() }
        default:
          return { outcome }
      }
    },

    revoke: (revocation) => revokeNamed(dataSource.manager, revocation),

    async listLive(userId, { firstId, maxItems }) {
      const query = repository
        .createQueryBuilder('session')
        .where({ userId, ...live })
        .limit(maxItems)
      if (firstId !== undefined) query.orderBy('session.id = :firstId', 'DESC').setParameters({ firstId })
      const sessions = await query.addOrderBy('session.lastSeenAt', 'DESC').addOrderBy('session.id').getMany()
      return sessions.map(toSession)
    },

    async rename(userId, id, deviceName) {
      const renamed = repository
        .createQueryBuilder()
        .update()
        .set({ deviceName })
        .where({ id, userId, ...live })
      const { raw } = await renamed.returning('*').execute()
      return raw.length === 0 ? null : toSession(entityOf(raw[0]))
    },

    async touch(lastSeenMs) {
      await dataSource.query(touchStatement, [[...lastSeenMs.keys()], [...lastSeenMs.values()]])
    },

    async refusalOf({ sessionId, userVersion }) {
      // One statement: `findOne` with a relation would first ask for the id alone.
      const [session] = await repository.find({
        select: { id: true, revokedAt: true, user: { id: true, version: true } },
        where: { id: sessionId },
        relations: { user: true },
      })
      if (session === undefined || session.revokedAt !== null) return 'SESSION_REVOKED'
      return userVersion < session.user.version ? 'TOKEN_EXPIRED' : null
    },
  })
}
