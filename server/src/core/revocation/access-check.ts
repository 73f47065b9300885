import type { AccessClaims, AccessRefusal } from '../model.ts'
import type { RevocationList } from './revocation-list.ts'

/** Why claims are no longer valid; null if they still are. */
export type AccessCheck = (claims: AccessClaims) => Promise<AccessRefusal | null>

/**
 * Checks claims against the list in memory while it is known to be complete, and otherwise in the database: a list that
 * may be incomplete never counts as proof that a session is live.
 * @param isCurrent returns true while the list contains every revocation that the database has announced.
 * @param ask checks in the database.
 * @see PROTOCOL.md S15
 */
export function createAccessCheck(list: RevocationList, isCurrent: () => boolean, ask: AccessCheck): AccessCheck {
  return async (claims) => {
    // A session on the list has ended, even when the list is incomplete.
    const known = list.refusalOf(claims)
    return known !== null || isCurrent() ? known : ask(claims)
  }
}
