import { type CancelSignal, canceller, onAbort } from './async/cancel.ts'
import { callWithRetries } from './async/retry.ts'
import type { Settings } from './options.ts'
import type { SignOutRequest } from './ports.ts'
import type { StateMachine } from './state-machine.ts'
import type { Records } from './storage/records.ts'
import { recordOfSignOut } from './storage/session-record.ts'
import type { Tabs } from './tabs.ts'
import type { Grant } from './tokens/token-grant.ts'

/** Ends sessions: at the sign-out of the user, and when a refresh came too late. */
export interface SignOut {
  /**
   * Ends the session here and in all tabs immediately, then at the server.
   * @returns false when the server could not be reached.
   * @see PROTOCOL.md C12
   */
  signOut(): Promise<boolean>
  /** Ends, at the server, the session of a grant that came too late. @see PROTOCOL.md C8 */
  discard(grant: Grant): void
}

export function createSignOut(deps: {
  readonly settings: Settings
  readonly machine: StateMachine
  readonly records: Records
  readonly tabs: Tabs
  readonly disposed: CancelSignal
}): SignOut {
  const { settings, machine, records, tabs, disposed } = deps
  const { transport, clock, random, refreshTimeoutMs } = settings

  /** @returns whether the server has confirmed it. */
  async function tellServer(request: Omit<SignOutRequest, 'signal'>): Promise<boolean> {
    if (disposed.aborted) return false
    const unwanted = canceller()
    const stops = [
      onAbort(disposed, () => unwanted.abort()),
      // After the next sign-in the cookie belongs to that session: a retry could end it.
      machine.states.subscribe(() => machine.record.userId !== null && unwanted.abort()),
    ]
    try {
      await callWithRetries(async (signal, isRetry) => transport.signOut?.({ ...request, signal, isRetry }), {
        ...{ clock, random, timeoutMs: refreshTimeoutMs, disposed, unwanted: unwanted.signal },
      })
      return true
    } catch {
      return false
    } finally {
      for (const stop of stops) stop()
    }
  }

  /** Otherwise the hint would sign the user in again. A page that may not use cookies can still sign out (C12). */
  function clearHint(): void {
    try {
      transport.cookieHint?.clear()
    } catch {
      // The page may not use cookies.
    }
  }

  return {
    async signOut() {
      const { record, token } = machine
      const next = recordOfSignOut(record, clock)
      // The page may be closed in this turn, so what needs no response comes first; `save` only cleans up.
      // If no record is known, all sign-ins before now end.
      void records.forget(record.userId === null ? next.epoch - 1 : record.epoch)
      clearHint()
      machine.signOut(next)
      tabs.announce()
      const told = tellServer({
        refreshToken: record.refreshToken ?? null,
        accessToken: token?.accessToken ?? null,
        keepCookie: false,
      })
      if (await records.save()) tabs.announce()
      return told
    },
    discard({ refreshToken, accessToken }) {
      void tellServer({ refreshToken, accessToken, keepCookie: machine.record.userId !== null })
    },
  }
}
