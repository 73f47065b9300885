import type { AccessClaims, SecurityEvent } from '../model.ts'

/** Brings security events, written on whichever instance, to those who listen on this one. @see PROTOCOL.md S17 */
export interface EventHub {
  /** The database told that an event was written. It is loaded once, and only if its person listens here. */
  announce(event: { id: string; userId: string }): void
  /**
   * The person's events from this very call on, in their order, for one reader. They are news and no record: what came while
   * the revocation feed was lost, or stood too long unread, is only in the list of events.
   */
  subscribe(claims: AccessClaims): AsyncIterableIterator<SecurityEvent>
}

/** Of events that stand unread; for one more the oldest goes. */
const MOST_UNREAD = 100

interface Listener {
  claims: AccessClaims
  push(event: Promise<SecurityEvent | null>): void
}

/** @param holds whether claims that held once still do: nothing is told to a session that is over. */
export function createEventHub(deps: {
  find: (id: string) => Promise<SecurityEvent | null>
  holds: (claims: AccessClaims) => Promise<boolean>
  onError: (error: unknown) => void
}): EventHub {
  const listeners = new Map<string, Set<Listener>>()

  const report = (error: unknown): null => {
    deps.onError(error)
    return null
  }

  function remove(listener: Listener): void {
    const { userId } = listener.claims
    const others = listeners.get(userId)
    others?.delete(listener)
    if (others?.size === 0) listeners.delete(userId)
  }

  return {
    announce({ id, userId }) {
      const listening = listeners.get(userId)
      if (listening === undefined) return
      const found = deps.find(id).catch(report)
      for (const { claims, push } of listening) {
        push(found.then(async (event) => (event !== null && (await deps.holds(claims)) ? event : null)).catch(report))
      }
    },

    subscribe(claims) {
      // Promises, so that events which are loaded side by side are still read in the order in which they were told.
      const unread: Promise<SecurityEvent | null>[] = []
      let isOver = false
      let wake = (): void => {}
      const listener: Listener = {
        claims,
        push(event) {
          unread.push(event)
          if (unread.length > MOST_UNREAD) unread.shift()
          wake()
        },
      }
      listeners.set(claims.userId, (listeners.get(claims.userId) ?? new Set()).add(listener))

      // By hand and not as a generator: that could not be ended while it waits for the next event.
      return {
        [Symbol.asyncIterator]() {
          return this
        },
        async next() {
          while (!isOver) {
            const event = await unread.shift()
            if (event && !isOver) return { value: event, done: false }
            if (unread.length === 0 && !isOver) {
              await new Promise<void>((resolve) => {
                wake = resolve
              })
            }
          }
          return { value: undefined, done: true }
        },
        async return() {
          isOver = true
          remove(listener)
          wake()
          return { value: undefined, done: true }
        },
      }
    },
  }
}
