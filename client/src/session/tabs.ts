import type { EndReason } from './errors.ts'
import type { Channel, Clock, StoredSession } from './ports.ts'
import type { StateMachine } from './state-machine.ts'
import { type IssuedToken, usableLifetime } from './tokens/access-token.ts'

/** What tabs send each other. Tokens may travel here: a channel never leaves the browser and the origin. */
type TabMessage = TabState | TabQuestion

/** The newest state the sender knows. */
interface TabState {
  readonly type: 'state'
  readonly record: StoredSession
  /** Null when the sender has none. Clocks differ between tabs, so the message carries the token's age. */
  readonly token: (IssuedToken & { readonly ageMs: number }) | null
  /** Why no user is signed in; null otherwise. */
  readonly why: EndReason | null
  /** For how long the server wants no refresh, in milliseconds. */
  readonly waitMs?: number | undefined
}

/** Asks every tab that has a good token to announce it. */
interface TabQuestion {
  readonly type: 'ask'
}

/** A message as received: other code may post on the same channel. */
type ReceivedMessage = Partial<Omit<TabState, 'type'>> & { readonly type?: string }

/** The other tabs of this browser. @see PROTOCOL.md C12 */
export interface Tabs {
  /** Sends this tab's state to the other tabs. */
  announce(): void
  /** Asks the other tabs for the token that belongs to the record. @returns false when there is no way to ask. */
  ask(): boolean
  /** Starts to receive. @returns how to stop. */
  listen(): () => void
}

export function createTabs(channel: Channel | undefined, machine: StateMachine, clock: Clock): Tabs {
  function post(message: TabMessage): void {
    try {
      channel?.post(message)
    } catch {
      // The channel is closed or refuses. Other tabs still find the stored record.
    }
  }

  function announce(): void {
    const { record, endReason } = machine
    // C2: not one that the server has refused.
    const token = machine.goodToken()
    post({
      type: 'state',
      record,
      token: token && { ...token, ageMs: clock.now() - token.sentAt },
      why: record.userId === null ? endReason : null,
      waitMs: machine.refreshDelay()?.retryAfterMs,
    })
  }

  function hear(message: unknown): void {
    const { type, record, token, why, waitMs } = (message ?? {}) as ReceivedMessage
    if (type === 'ask' && (machine.goodToken() || machine.refreshDelay())) announce()
    if (!record) return
    const newer = record.version - machine.record.version
    const lifetimeMs = usableLifetime(token?.lifetimeMs)
    const issued: IssuedToken | null = token ? { ...token, lifetimeMs, sentAt: clock.now() - token.ageMs } : null
    if (newer > 0 || (newer === 0 && issued && isNewToken(record, issued))) {
      machine.adopt(record, { token: issued, reason: why })
    }
    if (waitMs && machine.isSameSignIn(record)) {
      machine.delayRefreshes(waitMs, new Error('The server told another tab to wait.'))
    }
  }

  /** C2: the sender may not know that the token was refused here. */
  const isNewToken = (record: StoredSession, { accessToken }: IssuedToken): boolean =>
    !machine.goodToken() && accessToken !== machine.token?.accessToken && machine.isSameSignIn(record)

  return {
    announce,
    ask() {
      post({ type: 'ask' })
      return channel !== undefined
    },
    listen: () => channel?.subscribe(hear) ?? (() => {}),
  }
}
