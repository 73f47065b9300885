import type { PendingRefresh } from '../async/pending-refresh.ts'
import { SessionEndedError } from '../errors.ts'
import type { Transport } from '../ports.ts'
import type { StateMachine } from '../state-machine.ts'
import { warnOnce } from '../warn.ts'

/**
 * Creates the function that finds out, after a sign-in, whether the browser has kept the refresh cookie: by the hint
 * beside it, otherwise by a refresh. Without it, the session would end when its first access token expires.
 * @see PROTOCOL.md C16
 */
export function createCookieCheck(
  transport: Transport,
  machine: StateMachine,
  startRefresh: (cause: 'ahead') => PendingRefresh,
): () => Promise<void> {
  return async () => {
    const { cookieHint } = transport
    if (!cookieHint || cookieHint.read() === machine.record.userId) return
    try {
      await (machine.pendingRefresh ?? startRefresh('ahead')).join()
    } catch (error) {
      if (!(error instanceof SessionEndedError && error.reason === 'REFRESH_TOKEN_MISSING')) return
      machine.emit({ type: 'cookieNotKept' })
      warnOnce(
        transport,
        'The refresh cookie of this sign-in was not kept: cookies are blocked, the page is a cross-site frame, the ' +
          'cookie is `Secure` but the page is not https, or the sign-in was sent without `tokenTransport: COOKIE` or, to ' +
          'another origin, without `credentials: "include"` and CORS for it. Programs that keep no cookies need ' +
          '`tokenTransport: BODY`.',
      )
    }
  }
}
