import { NotFoundError } from '../../errors.ts'
import { readDeviceName, readId } from '../accounts/user-input.ts'
import type { AccessClaims, Session } from '../model.ts'
import type { RevocationList } from '../revocation/revocation-list.ts'
import type { SessionStore } from './session-store.ts'

/** What a list without pages holds at most; the cost limit counts it as that many. */
const MOST_LISTED = 100

export type DeviceService = ReturnType<typeof createDeviceService>

/** What a person does with the own devices. @see PROTOCOL.md S14 */
export function createDeviceService({
  sessions,
  revocations,
}: {
  sessions: SessionStore
  revocations: RevocationList
}) {
  return {
    /** The live sessions, the current one first, then by last use; at most 100. */
    list({ userId, sessionId }: AccessClaims): Promise<Session[]> {
      return sessions.listLive(userId, { firstId: sessionId, atMost: MOST_LISTED })
    },

    /** @throws NotFoundError, BadUserInputError */
    async rename(claims: AccessClaims, id: string, deviceName: string): Promise<Session> {
      const renamed = await sessions.rename(claims.userId, readId(id, 'session'), readDeviceName(deviceName))
      if (renamed === null) throw new NotFoundError('There is no such session.')
      return renamed
    },

    /**
     * Ends one session of the person, the current one too.
     * @throws NotFoundError when the person has no such live session.
     */
    async revoke({ userId }: AccessClaims, id: string): Promise<void> {
      const sessionId = readId(id, 'session')
      const ended = await sessions.revoke({ userId, sessionId, reason: 'REVOKED', by: userId })
      if (ended.length === 0) throw new NotFoundError('There is no such session.')
      ended.forEach(revocations.sessionEnded)
    },

    /** Ends all but the current one; gives how many. */
    async revokeOthers({ userId, sessionId }: AccessClaims): Promise<number> {
      const ended = await sessions.revoke({ userId, exceptSessionId: sessionId, reason: 'REVOKED', by: userId })
      ended.forEach(revocations.sessionEnded)
      return ended.length
    },
  }
}
