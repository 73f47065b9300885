import type { EndReason } from './errors.ts'
import type { TokenLife } from './held-token.ts'
import type { StoredSession } from './ports.ts'

/** What tabs tell each other. Tokens travel here: a channel never leaves the browser and the origin. */
export type TabMessage = TabState | TabQuestion

/** The newest state the sender knows. */
interface TabState {
  readonly type: 'state'
  readonly record: StoredSession
  /** Null when the sender has none. Clocks differ between tabs, so it says how old the token is. */
  readonly token: (TokenLife & { readonly ageMs: number }) | null
  /** Why nobody is signed in; null when somebody is. */
  readonly why: EndReason | null
}

/** Who has a good token, please say so. */
interface TabQuestion {
  readonly type: 'ask'
}

/** What came over the channel, where other code may talk too. */
export type Heard = Pick<TabState, 'token' | 'why'> & { readonly type?: string; readonly record?: StoredSession }
