import { randomUUID } from 'node:crypto'
import type { FeedMessage } from './feed-message.ts'

/**
 * Test notifications: sent through the pool, they must arrive on the feed. If one does not, the feed listens somewhere else: on
 * another database, on a former primary, or through a pooler. They are numbered from 1.
 * @see PROTOCOL.md S15
 */
export interface FeedProbe {
  /** Sends the next one, unless the previous one is still on its way. Settles when that one was sent, or failed. */
  send(): Promise<void>
  /** The last one that the database has accepted. It arrives before the answer to any query that is sent after that. */
  lastSent(): number
  /** Notes one that arrived on the feed, whoever sent it. */
  receive(id: string): void
  /** The last one of our own that arrived. */
  lastReceived(): number
}

/** @param notify sends a notification through the pool. */
export function createFeedProbe(notify: (message: FeedMessage) => Promise<unknown>): FeedProbe {
  const sender = randomUUID()
  let count = 0
  let lastSent = 0
  let lastReceived = 0
  let sending: Promise<void> | null = null

  async function sendNext(): Promise<void> {
    count += 1
    const number = count
    try {
      await notify({ kind: 'probe', id: `${sender}:${number}` })
      lastSent = number
    } catch {
      // The pool is busy or the database unavailable. That proves nothing, and another one follows.
    } finally {
      sending = null
    }
  }

  return {
    send() {
      sending ??= sendNext()
      return sending
    },
    lastSent: () => lastSent,
    receive(id) {
      const [from, number] = id.split(':')
      if (from === sender) lastReceived = Number(number)
    },
    lastReceived: () => lastReceived,
  }
}
