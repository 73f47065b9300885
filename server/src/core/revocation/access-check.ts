import type { AccessClaims, AccessRefusal } from '../model.ts'
import type { RevocationList } from './revocation-list.ts'

/**
 * How far the list can be trusted. `current`: it contains every revocation that the database has announced. `overdue`: the
 * last proof of that is older than usual. `lost`: the list may be incomplete.
 */
export type FeedState = 'current' | 'overdue' | 'lost'

/**
 * Why claims are no longer valid; null if they still are.
 * @param isSensitive whether the operation changes something. Then, as for admins, a list that is `overdue` is not enough.
 */
export type AccessCheck = (claims: AccessClaims, isSensitive?: boolean) => Promise<AccessRefusal | null>

/**
 * Checks claims against the list in memory while it is known to be complete, and otherwise in the database: a list that
 * may be incomplete never counts as proof that a session is live.
 * @param ask checks in the database.
 * @see PROTOCOL.md S15
 */
export function createAccessCheck(
  list: RevocationList,
  feedState: () => FeedState,
  ask: (claims: AccessClaims) => Promise<AccessRefusal | null>,
): AccessCheck {
  return async (claims, isSensitive = false) => {
    // A session on the list has ended, even when the list is incomplete.
    const known = list.refusalOf(claims)
    if (known !== null) return known
    const state = feedState()
    const needsProof = isSensitive || claims.role === 'ADMIN'
    return state === 'current' || (state === 'overdue' && !needsProof) ? null : ask(claims)
  }
}
