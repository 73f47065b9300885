import type { Clock } from '../clock.ts'
import type { AccessClaims } from '../model.ts'
import type { RevocationList } from './revocation-list.ts'

/** Connections that outlive a request but not the access token they were opened with. @see PROTOCOL.md S17 */
export interface LiveConnections {
  /**
   * Ties a connection to its access token: calls `end` once, when the token expires, the session ends or the user's rights
   * change on any instance. If that has already happened, it calls `end` immediately.
   * @returns a function to call when the connection closes; null when the session has too many connections already.
   */
  hold(claims: AccessClaims, end: () => void): (() => void) | null
}

/** The longest delay of a timer in Node. */
const MAX_TIMER_MS = 2 ** 31 - 1

interface Held {
  readonly claims: AccessClaims
  readonly end: () => void
  timer?: NodeJS.Timeout
}

export function createLiveConnections(deps: {
  readonly list: RevocationList
  readonly clock: Clock
  readonly maxPerSession: number
}): LiveConnections {
  const { list, clock, maxPerSession } = deps
  const sessions = new Map<string, Set<Held>>()

  function release(held: Held): void {
    clearTimeout(held.timer)
    const ofSession = sessions.get(held.claims.sessionId)
    ofSession?.delete(held)
    if (ofSession?.size === 0) sessions.delete(held.claims.sessionId)
  }

  function end(held: Held): void {
    release(held)
    held.end()
  }

  function endAtExpiry(held: Held): void {
    const leftMs = held.claims.expiresAt * 1000 - clock.nowMs()
    if (leftMs <= 0) end(held)
    else held.timer = setTimeout(endAtExpiry, Math.min(leftMs, MAX_TIMER_MS), held)
  }

  list.onSessionEnded((sessionId) => [...(sessions.get(sessionId) ?? [])].forEach(end))
  list.onRightsChanged(() => {
    for (const ofSession of sessions.values()) {
      for (const held of ofSession) if (list.refusalOf(held.claims) !== null) end(held)
    }
  })

  return {
    hold(claims, endConnection) {
      const ofSession = sessions.get(claims.sessionId) ?? new Set()
      if (ofSession.size >= maxPerSession) return null
      const held: Held = { claims, end: endConnection }
      sessions.set(claims.sessionId, ofSession.add(held))
      // The session may have ended after the token was checked and before we held the connection.
      if (list.refusalOf(claims) !== null) end(held)
      else endAtExpiry(held)
      return () => release(held)
    },
  }
}
