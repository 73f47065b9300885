import type { AccessClaims, AccessRefusal } from '../model.ts'
import type { RevocationList } from './revocation-list.ts'

/** Why claims are no longer valid; null: they are. */
export type AccessCheck = (claims: AccessClaims) => Promise<AccessRefusal | null>

/**
 * Checks claims against the list in memory while it is known to be complete, and otherwise in the database: a list that
 * may be incomplete never counts as proof that a session is live.
 * @see PROTOCOL.md S15
 */
export function createAccessCheck(deps: {
  readonly list: RevocationList
  /** True while the list contains every revocation that the database has announced. */
  readonly isCurrent: () => boolean
  readonly ask: AccessCheck
}): AccessCheck {
  return async (claims) => {
    // A session on the list has ended, even when the list is incomplete.
    const known = deps.list.refusalOf(claims)
    return known !== null || deps.isCurrent() ? known : deps.ask(claims)
  }
}
