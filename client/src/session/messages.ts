import type { EndReason } from './errors.ts'
import type { TokenLife } from './held-token.ts'
import type { StoredSession } from './ports.ts'

/** What tabs tell each other. Tokens travel here: a channel never leaves the browser and the origin. */
export type TabMessage =
  /** The newest state the sender knows. */
  | {
      readonly type: 'state'
      readonly record: StoredSession
      /** Null when the sender has none. Clocks differ between tabs, so it says how old the token is. */
      readonly token: (TokenLife & { readonly ageMs: number }) | null
      /** Why nobody is signed in; null when somebody is. */
      readonly why: EndReason | null
    }
  /** Who has a good token, please say so. */
  | { readonly type: 'ask' }
