import type { Clock } from '../clock.ts'
import type { AccessClaims, AccessRefusal } from '../model.ts'

/** Recently ended sessions and changed rights in memory, so that checking an access token needs no query. @see PROTOCOL.md S15 */
export interface RevocationList {
  sessionEnded(sessionId: string): void
  rightsChanged(userId: string, version: number): void
  /** Null: according to this list the claims are valid. */
  refusalOf(claims: AccessClaims): AccessRefusal | null
  /** Calls `listener` for each session that ends from now on. */
  onSessionEnded(listener: (sessionId: string) => void): void
  /** Calls `listener` for each user whose rights change from now on. */
  onRightsChanged(listener: (userId: string) => void): void
  /** Drops entries that no live access token can need any more. */
  prune(): void
  readonly size: number
  /** How long an entry is kept, in milliseconds: no token of a session that ended earlier is still valid. */
  readonly keptMs: number
}

// Each instance has its own clock, and the database has another: an entry must be obsolete on all of them.
const CLOCK_SKEW_MS = 60_000

/** @param accessTokenTtlMs the lifetime of an access token; the list holds what ended within it. */
export function createRevocationList(clock: Clock, accessTokenTtlMs: number): RevocationList {
  const keptMs = accessTokenTtlMs + CLOCK_SKEW_MS
  // Both in order of arrival, so that pruning can stop at the first recent entry.
  const sessions = new Map<string, { at: number }>()
  const users = new Map<string, { version: number; at: number }>()
  const endListeners: ((sessionId: string) => void)[] = []
  const rightsListeners: ((userId: string) => void)[] = []

  function prune(): void {
    const limit = clock.nowMs() - keptMs
    for (const entries of [sessions, users]) {
      for (const [id, { at }] of entries) {
        if (at > limit) break
        entries.delete(id)
      }
    }
  }

  return {
    sessionEnded(sessionId) {
      prune()
      if (sessions.has(sessionId)) return
      sessions.set(sessionId, { at: clock.nowMs() })
      for (const listener of endListeners) listener(sessionId)
    },
    rightsChanged(userId, version) {
      prune()
      const known = users.get(userId)?.version ?? 0
      if (version <= known) return
      users.delete(userId) // so that it moves to the end
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
