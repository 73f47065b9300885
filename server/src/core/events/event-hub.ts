import type { AccessClaims, SecurityEvent } from '../model.ts'

/** Delivers security events, written by any instance, to the subscribers of this one. @see PROTOCOL.md S17 */
export interface EventHub {
  /** Reports that an event was written. It is loaded once, and only if its user has a subscriber here. */
  announce(event: { readonly id: string; readonly userId: string }): void
  /**
   * The user's events from this call on, in order, for one reader. Some can be missing: events that were written while the
   * revocation feed was lost, and the oldest of too many unread ones, are only in the list of events.
   */
  subscribe(claims: AccessClaims): AsyncIterableIterator<SecurityEvent>
}

/** Unread events per subscriber; beyond that, the oldest is dropped. */
const MAX_UNREAD = 100

interface Subscriber {
  readonly claims: AccessClaims
  push(event: Promise<SecurityEvent | null>): void
}

/** @param deps.holds whether the claims are still valid: a session that has ended receives nothing. */
export function createEventHub(deps: {
  readonly find: (id: string) => Promise<SecurityEvent | null>
  readonly holds: (claims: AccessClaims) => Promise<boolean>
  readonly onError: (error: unknown) => void
}): EventHub {
  const subscribers = new Map<string, Set<Subscriber>>()

  const report = (error: unknown): null => {
    deps.onError(error)
    return null
  }

  function add(subscriber: Subscriber): void {
    const { userId } = subscriber.claims
    subscribers.set(userId, (subscribers.get(userId) ?? new Set()).add(subscriber))
  }

  function remove(subscriber: Subscriber): void {
    const { userId } = subscriber.claims
    const ofUser = subscribers.get(userId)
    ofUser?.delete(subscriber)
    if (ofUser?.size === 0) subscribers.delete(userId)
  }

  return {
    announce({ id, userId }) {
      const ofUser = subscribers.get(userId)
      if (ofUser === undefined) return
      const found = deps.find(id).catch(report)
      for (const { claims, push } of ofUser) {
        push(found.then(async (event) => (event !== null && (await deps.holds(claims)) ? event : null)).catch(report))
      }
    },

    subscribe(claims) {
      // Promises, so that events are read in the order of their announcement although they are loaded concurrently.
      const unread: Promise<SecurityEvent | null>[] = []
      let isOver = false
      let wake = (): void => {}
      const subscriber: Subscriber = {
        claims,
        push(event) {
          unread.push(event)
          if (unread.length > MAX_UNREAD) unread.shift()
          wake()
        },
      }
      add(subscriber)

      // Not a generator, which cannot be ended while it waits for the next event, and not a Repeater, which starts to listen
      // at the first read.
      const events: AsyncIterableIterator<SecurityEvent> = {
        [Symbol.asyncIterator]: () => events,
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
          remove(subscriber)
          wake()
          return { value: undefined, done: true }
        },
      }
      return events
    },
  }
}
