import type { PendingRefresh } from '../async/pending-refresh.ts'
import type { Settings } from '../options.ts'
import type { StateMachine } from '../state-machine.ts'
import { warnOnce } from '../warn.ts'

/** How long after a sign-in its cookie is in doubt. One that is missing later has expired or was deleted. */
const DOUBT_MS = 120_000

/**
 * Creates the function that finds out, after a sign-in, whether the browser has kept the refresh cookie: by the hint
 * beside it, otherwise by a refresh. Without it, the session would end when its first access token expires. If the cookie
 * was not kept, the developer is told why, also when the page was left or the network failed during that refresh.
 * @see PROTOCOL.md C16
 */
export function createCookieCheck(
  { transport, clock }: Settings,
  machine: StateMachine,
  startRefresh: (cause: 'ahead') => PendingRefresh,
): () => Promise<void> {
  const { cookieHint } = transport
  if (!cookieHint) return async () => {}
  /** Until when nothing has shown that the cookie was kept, by the wall clock. */
  let doubtedUntil = 0
  const isDoubted = (): boolean => (clock.wallTime?.() ?? 0) < doubtedUntil

  machine.events.subscribe((event) => {
    const { epoch, userId } = machine.record
    if (event.type === 'refreshDone') doubtedUntil = 0
    // Epochs are times, where there is a wall clock.
    if (event.type === 'signedIn') doubtedUntil = cookieHint.read() === userId ? 0 : epoch + DOUBT_MS
    if (event.type !== 'ended' || event.reason !== 'REFRESH_TOKEN_MISSING' || !isDoubted()) return
    machine.emit({ type: 'cookieNotKept' })
    warnOnce(transport, `The refresh cookie of this sign-in was not kept. ${cookieHint.explain?.() ?? ''}`)
  })

  return async () => {
    if (!isDoubted()) return
    try {
      await (machine.pendingRefresh ?? startRefresh('ahead')).join()
    } catch {
      // The session has ended, which is reported above, or goes on without an answer.
    }
  }
}
