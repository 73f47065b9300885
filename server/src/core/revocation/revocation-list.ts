import type { Clock } from '../clock.ts'
import type { AccessClaims, AccessRefusal } from '../model.ts'

/** What an instance keeps in memory so that ending a session needs no query per request. @see PROTOCOL.md S15 */
export interface RevocationList {
  sessionEnded(sessionId: string): void
  rightsChanged(userId: string, version: number): void
  /** Null: the claims hold, as far as this list knows. */
  refusalOf(claims: AccessClaims): AccessRefusal | null
  /** Calls `listener` for each session that ends from now on. */
  onSessionEnded(listener: (sessionId: string) => void): void
  /** Calls `listener` for each person whose rights change from now on. */
  onRightsChanged(listener: (userId: string) => void): void
  /** Forgets what no live access token can need any more. */
  prune(): void
  readonly size: number
  /** How long an entry matters, in milliseconds: what ended earlier has no token left that verifies. */
  readonly keptMs: number
}

// Instances read their own clocks and the database's is a third: what is forgotten must be over on all of them.
const CLOCK_SKEW_MS = 60_000

/** @param accessTokenTtlMs how long an access token lives; memory is bounded by what ends in that time. */
export function createRevocationList(clock: Clock, accessTokenTtlMs: number): RevocationList {
  const keptMs = accessTokenTtlMs + CLOCK_SKEW_MS
  // Both in the order of arrival, so that the oldest stand first and pruning stops at the first young one.
  const sessions = new Map<string, number>()
  const users = new Map<string, { version: number; at: number }>()
  const endListeners: ((sessionId: string) => void)[] = []
  const rightsListeners: ((userId: string) => void)[] = []

  function prune(): void {
    const limit = clock.nowMs() - keptMs
    for (const [id, at] of sessions) {
      if (at > limit) break
      sessions.delete(id)
    }
    for (const [id, { at }] of users) {
      if (at > limit) break
      users.delete(id)
    }
  }

  return {
    sessionEnded(sessionId) {
      prune()
      if (sessions.has(sessionId)) return
      sessions.set(sessionId, clock.nowMs())
      for (const listener of endListeners) listener(sessionId)
    },
    rightsChanged(userId, version) {
      prune()
      const known = users.get(userId)?.version ?? 0
      if (version <= known) return
      users.delete(userId) // to the end of the order
      users.set(userId, { version, at: clock.nowMs() })
      for (const listener of rightsListeners) listener(userId)
    },
    refusalOf({ sessionId, userId, userVersion }) {
      if (sessions.has(sessionId)) return 'SESSION_REVOKED'
      return userVersion < (users.get(userId)?.version ?? 0) ? 'TOKEN_EXPIRED' : null
    },
    onSessionEnded: (listener) => void endListeners.push(listener),
    onRightsChanged: (listener) => void rightsListeners.push(listener),
    prune,
    keptMs,
    get size() {
      return sessions.size + users.size
    },
  }
}
