import type { Clock } from '../clock.ts'
import type { AccessClaims, AccessRefusal } from '../model.ts'

/** Recently ended sessions and changed rights in memory, so that checking an access token needs no query. @see PROTOCOL.md S15 */
export interface RevocationList {
  sessionEnded(sessionId: string): void
  rightsChanged(userId: string, version: number): void
  /** All sessions whose tokens were issued up to this time have ended. Seconds since the Unix epoch, as in `iat`. */
  allEnded(issuedUpTo: number): void
  /** Null: according to this list the claims are valid. */
  refusalOf(claims: AccessClaims): AccessRefusal | null
  /** Calls `listener` for each session that ends from now on. */
  onSessionEnded(listener: (sessionId: string) => void): void
  /** Calls `listener` whenever rights have changed or all sessions have ended; `refusalOf` tells whose. */
  onRightsChanged(listener: () => void): void
  /** Drops entries that no live access token can need any more. */
  prune(): void
  readonly size: number
  /** How long an entry is kept, in milliseconds: no token of a session that ended earlier is still valid. */
  readonly keptMs: number
}

// The time at which a token was issued is known to the second, and the database's clock to a fraction of one.
const CLOCK_SKEW_MS = 60_000

interface Age {
  readonly monotonicMs: number
  readonly nowMs: number
}

/** @param accessTokenTtlMs the lifetime of an access token; the list holds what ended within it. */
export function createRevocationList(clock: Clock, accessTokenTtlMs: number): RevocationList {
  const keptMs = accessTokenTtlMs + CLOCK_SKEW_MS
  // Both in order of arrival, so that pruning can stop at the first recent entry.
  const sessions = new Map<string, Age>()
  const users = new Map<string, Age & { readonly version: number }>()
  let allIssuedUpTo = Number.NEGATIVE_INFINITY
  const endListeners: ((sessionId: string) => void)[] = []
  const rightsListeners: (() => void)[] = []

  const born = (): Age => ({ monotonicMs: clock.monotonicMs(), nowMs: clock.nowMs() })

  return {
    sessionEnded(sessionId) {
      if (sessions.has(sessionId)) return
      sessions.set(sessionId, born())
      for (const listener of endListeners) listener(sessionId)
    },
    rightsChanged(userId, version) {
      const known = users.get(userId)?.version ?? 0
      if (version <= known) return
      users.delete(userId) // so that it moves to the end
      users.set(userId, { version, ...born() })
      for (const listener of rightsListeners) listener()
    },
    allEnded(issuedUpTo) {
      // Not later than now: otherwise new tokens would be refused too.
      const limit = Math.min(issuedUpTo, Math.floor(clock.nowMs() / 1000))
      if (limit <= allIssuedUpTo) return
      allIssuedUpTo = limit
      for (const listener of rightsListeners) listener()
    },
    refusalOf({ sessionId, userId, userVersion, issuedAt }) {
      if (sessions.has(sessionId) || issuedAt <= allIssuedUpTo) return 'SESSION_REVOKED'
      return userVersion < (users.get(userId)?.version ?? 0) ? 'TOKEN_EXPIRED' : null
    },
    onSessionEnded: (listener) => void endListeners.push(listener),
    onRightsChanged: (listener) => void rightsListeners.push(listener),
    prune() {
      const { monotonicMs, nowMs } = born()
      for (const entries of [sessions, users]) {
        for (const [id, age] of entries) {
          if (age.monotonicMs > monotonicMs - keptMs) break
          // If the database's clock was set back, tokens issued before live longer than their lifetime.
          if (age.nowMs <= nowMs - keptMs) entries.delete(id)
        }
      }
    },
    keptMs,
    get size() {
      return sessions.size + users.size
    },
  }
}
