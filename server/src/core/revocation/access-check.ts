import type { AccessClaims, AccessRefusal } from '../model.ts'
import type { RevocationList } from './revocation-list.ts'

/**
 * Whether claims still hold: by the list in memory while it is known to be complete, by asking the database otherwise.
 * A list that may be stale is never trusted.
 * @see PROTOCOL.md S15
 */
export function createAccessCheck(deps: {
  list: RevocationList
  /** True while the list has all that the database has told. */
  isCurrent: () => boolean
  ask: (claims: AccessClaims) => Promise<AccessRefusal | null>
}): (claims: AccessClaims) => Promise<AccessRefusal | null> {
  return async (claims) => {
    // Over is over: what the list holds is true also while it may lack something.
    const known = deps.list.refusalOf(claims)
    return known !== null || deps.isCurrent() ? known : deps.ask(claims)
  }
}
