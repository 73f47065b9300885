/** What a token's past says about its refusal. */
export interface RefusedToken {
  /** Its whole lifetime in milliseconds; `Infinity` when it is unknown. */
  readonly lifetimeMs: number
  /** How many tokens in a row, right before this one, were refused early in their lives. */
  readonly refusals: number
}

/** What follows from a refusal. */
export interface Verdict {
  /** Whether a new token may help. If not, the operation is sent once more with the same one. */
  readonly refreshes: boolean
  /** `refusals` of the token that will follow this one. */
  readonly nextRefusals: number
}

/** A token is young during the first tenth of its life, but no longer than this. */
const MAX_YOUTH_MS = 5_000
/** However many tokens were refused, one that is older than this, or has lived half of its life, is replaced. */
const MAX_AGE_MS = 300_000
/** Stands in for a lifetime that is unknown. */
const ASSUMED_LIFETIME_MS = 60_000
/** The reasons that speak of this very token (PROTOCOL.md S4). */
const CLEAR_REASONS: readonly unknown[] = ['TOKEN_EXPIRED', 'SESSION_REVOKED']
export const isClearReason = (reason: string | undefined): boolean => CLEAR_REASONS.includes(reason)
/** How many tokens in a row are replaced at any age for such a reason: a role may change several times within seconds. */
const FREE_REFRESHES = 3

/**
 * Whether the refusal of a token that was still good by our clock starts a refresh. A token that is seconds old is not the
 * cause: the server does not know it yet, or refuses every token. With each token that is refused early, the next one
 * has to be twice as old, so that a field that is always refused, or a server with a wrong clock, causes no loop.
 * @param ageMs how old the token is at least.
 * @param reason why it was refused, as in `extensions.reason`, if the server said so.
 * @see PROTOCOL.md C2
 */
export function judgeRefusal({ lifetimeMs, refusals }: RefusedToken, ageMs: number, reason?: string): Verdict {
  const lifeMs = Number.isFinite(lifetimeMs) ? lifetimeMs : ASSUMED_LIFETIME_MS
  const maxAgeMs = Math.min(MAX_AGE_MS, lifeMs / 2)
  const doublings = isClearReason(reason) ? refusals - FREE_REFRESHES : refusals
  const minAgeMs = doublings < 0 ? 0 : Math.min(maxAgeMs, Math.min(MAX_YOUTH_MS, lifeMs / 10) * 2 ** doublings)
  return { refreshes: ageMs >= minAgeMs, nextRefusals: ageMs < maxAgeMs ? refusals + 1 : refusals }
}
