import type { Clock } from '../clock.ts'
import type { AccessClaims } from '../model.ts'
import type { RevocationList } from './revocation-list.ts'

/** Connections that outlive a request, and must not outlive the access token they were opened with. @see PROTOCOL.md S17 */
export interface LiveConnections {
  /**
   * Holds a connection to its token, and calls `end` once: when the token expires, its session ends or the person's rights
   * change, wherever that was done; at once, when that is so already.
   * @returns what to call when the connection is gone; null when its session has too many, and this one is not held.
   */
  hold(claims: AccessClaims, end: () => void): (() => void) | null
}

/** The longest that a timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

interface Held {
  claims: AccessClaims
  end: () => void
  timer?: NodeJS.Timeout
}

export function createLiveConnections(deps: {
  list: RevocationList
  clock: Clock
  mostPerSession: number
}): LiveConnections {
  const { list, clock, mostPerSession } = deps
  const sessions = new Map<string, Set<Held>>()

  function letGo(held: Held): void {
    clearTimeout(held.timer)
    const ofSession = sessions.get(held.claims.sessionId)
    ofSession?.delete(held)
    if (ofSession?.size === 0) sessions.delete(held.claims.sessionId)
  }

  function end(held: Held): void {
    letGo(held)
    held.end()
  }

  function endAtExpiry(held: Held): void {
    const leftMs = held.claims.expiresAt * 1000 - clock.nowMs()
    if (leftMs <= 0) end(held)
    else held.timer = setTimeout(endAtExpiry, Math.min(leftMs, LONGEST_TIMER_MS), held)
  }

  list.onSessionEnded((sessionId) => [...(sessions.get(sessionId) ?? [])].forEach(end))
  list.onRightsChanged((userId) => {
    for (const ofSession of sessions.values()) {
      for (const held of ofSession) {
        if (held.claims.userId === userId && list.refusalOf(held.claims) !== null) end(held)
      }
    }
  })

  return {
    hold(claims, endConnection) {
      const ofSession = sessions.get(claims.sessionId) ?? new Set()
      if (ofSession.size >= mostPerSession) return null
      const held: Held = { claims, end: endConnection }
      sessions.set(claims.sessionId, ofSession.add(held))
      // The list may have learnt of the end after the token was looked at and before we listened for this session.
      if (list.refusalOf(claims) !== null) end(held)
      else endAtExpiry(held)
      return () => letGo(held)
    },
  }
}
