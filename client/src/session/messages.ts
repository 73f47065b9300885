import type { EndReason } from './errors.ts'
import type { StoredSession } from './ports.ts'

/** What tabs tell each other. Tokens travel here: a channel never leaves the browser and the origin. */
export type TabMessage =
  /** The newest state the sender knows. */
  | {
      readonly type: 'state'
      readonly record: StoredSession
      /** Absent when nobody is signed in. Clocks differ between tabs, so it says how old the token is. */
      readonly token?: { readonly value: string; readonly lifetimeMs: number; readonly ageMs: number }
      readonly why: EndReason
    }
  /** Who has a good token of at least this version, please say so. */
  | { readonly type: 'ask'; readonly version: number }

/** The message, or null for what other code (or another version of this library) may post under the same name. */
export function readMessage(data: unknown): TabMessage | null {
  const message = data as TabMessage | null
  if (message?.type === 'ask') return message
  return message?.type === 'state' && typeof message.record?.version === 'number' ? message : null
}
