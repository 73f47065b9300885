import { randomUUID } from 'node:crypto'
import type { FeedMessage } from './feed-message.ts'

/**
 * Notifications that an instance sends through its pool in order to hear them on its feed. If one was sent and is not heard, the
 * feed listens somewhere else: to another database, to a former primary, or through a pooler. Words are numbered from 1.
 * @see PROTOCOL.md S15
 */
export interface PoolWords {
  /** Sends the next word, unless the previous one is still on its way. Settles when that one was accepted, or failed. */
  send(): Promise<void>
  /** The last word that the database has accepted. A heartbeat sent after that is answered after the word is heard. */
  accepted(): number
  /** Notes a word that arrived on the feed, whoever sent it. */
  hear(id: string): void
  /** The last word of our own that was heard. */
  heard(): number
}

/** @param notify sends a notification through the pool. */
export function createPoolWords(notify: (message: FeedMessage) => Promise<unknown>): PoolWords {
  const sender = randomUUID()
  let sent = 0
  let accepted = 0
  let heard = 0
  let sending: Promise<void> | null = null

  async function sendNext(): Promise<void> {
    sent += 1
    const word = sent
    try {
      await notify({ kind: 'word', id: `${sender}:${word}` })
      accepted = word
    } catch {
      // The pool is busy or the database unavailable. That proves nothing, and another word follows.
    } finally {
      sending = null
    }
  }

  return {
    send() {
      sending ??= sendNext()
      return sending
    },
    accepted: () => accepted,
    hear(id) {
      const [from, word] = id.split(':')
      if (from === sender) heard = Number(word)
    },
    heard: () => heard,
  }
}
