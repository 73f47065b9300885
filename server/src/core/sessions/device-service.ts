import { NotFoundError } from '../../errors.ts'
import { readId } from '../id.ts'
import type { AccessClaims, Session } from '../model.ts'
import type { RevocationList } from '../revocation/revocation-list.ts'
import { readDeviceName } from './device-input.ts'
import type { SessionStore } from './session-store.ts'

/** The length of the list, which has no pages; the cost limit of queries counts it in full. */
const MAX_LISTED = 100

/** What users do with their own devices. @see PROTOCOL.md S14 */
export interface DeviceService {
  /** The live sessions: the current one first, then the most recently used; at most 100. */
  list(claims: AccessClaims): Promise<Session[]>

  /** @throws NotFoundError, BadUserInputError */
  rename(claims: AccessClaims, id: string, deviceName: string): Promise<Session>

  /**
   * Ends one session of the user, which may be the current one.
   * @throws NotFoundError when the user has no such live session.
   */
  revoke(claims: AccessClaims, id: string): Promise<void>

  /** Ends all sessions but the current one and returns their number. */
  revokeOthers(claims: AccessClaims): Promise<number>
}

export function createDeviceService(sessions: SessionStore, revocations: RevocationList): DeviceService {
  return {
    list: ({ userId, sessionId }) => sessions.listLive(userId, { firstId: sessionId, maxItems: MAX_LISTED }),

    async rename({ userId }, id, deviceName) {
      const renamed = await sessions.rename(userId, readId(id, 'session'), readDeviceName(deviceName))
      if (renamed === null) throw new NotFoundError('There is no such session.')
      return renamed
    },

    async revoke({ userId }, id) {
      const sessionId = readId(id, 'session')
      const ended = await sessions.revoke({ userId, sessionId, reason: 'REVOKED', by: userId })
      if (ended.length === 0) throw new NotFoundError('There is no such session.')
      ended.forEach(revocations.sessionEnded)
    },

    async revokeOthers({ userId, sessionId }) {
      const ended = await sessions.revoke({ userId, exceptSessionId: sessionId, reason: 'REVOKED', by: userId })
      ended.forEach(revocations.sessionEnded)
      return ended.length
    },
  }
}
