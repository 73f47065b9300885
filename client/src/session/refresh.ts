import { underLock } from './async/bounded-lock.ts'
import type { CancelSignal } from './async/cancel.ts'
import type { PendingRefresh } from './async/pending-refresh.ts'
import { callWithRetries } from './async/retry.ts'
import { pause } from './async/waiting.ts'
import { RefreshFailedError, retryAfterMs, SessionEndedError } from './errors.ts'
import type { RefreshCause } from './events.ts'
import type { Settings } from './options.ts'
import type { StoredSession } from './ports.ts'
import type { StateMachine } from './state-machine.ts'
import type { Records } from './storage/records.ts'
import { recordOfRefresh, recordOfSignOut, storedToken } from './storage/session-record.ts'
import type { Tabs } from './tabs.ts'
import { type IssuedToken, tokenOf } from './tokens/access-token.ts'
import { checkGrant, type Grant } from './tokens/token-grant.ts'

/** Added to the refresh timeout when waiting for the lock, so that a working lock holder can finish. */
const LOCK_MARGIN_MS = 500
/** How long another tab, which must have the new token, has to announce it. */
const ASK_MS = 300
/** How often a refresh starts over because the stored record changed during it. */
const MAX_ROUNDS = 3

/** What a refresh started from. Its result may replace only that. */
interface StartingPoint {
  readonly record: StoredSession
  /** The stored version; it differs from the record's when the storage does not work. */
  readonly storedVersion: number
  readonly epoch: number
  readonly at: number
}

/**
 * Creates the function that starts a refresh. One refresh, from top to bottom: wait for the lock, re-read the stored
 * record, call the server, store the new tokens, tell the other tabs, release the lock.
 * @see PROTOCOL.md C1, C5, C8
 */
export function createRefresh(deps: {
  readonly settings: Settings
  readonly machine: StateMachine
  readonly records: Records
  readonly tabs: Tabs
  readonly disposed: CancelSignal
  /** Ends the session of a grant that came too late, at the server. */
  readonly discard: (grant: Grant) => void
}): (cause: RefreshCause) => PendingRefresh {
  const { settings, machine, records, tabs, disposed, discard } = deps
  const { clock, random, lock, transport, refreshTimeoutMs } = settings

  /** @throws RefreshFailedError while the server wants no refresh. */
  function start(cause: RefreshCause): PendingRefresh {
    assertNoDelay()
    const refresh = machine.beginRefresh(cause)
    void run(refresh)
    return refresh
  }

  function assertNoDelay(): void {
    const delay = machine.refreshDelay()
    if (delay) throw delay
  }

  async function run(refresh: PendingRefresh): Promise<void> {
    const storedBefore = records.read()
    const queue = { lock, clock, waitMs: refreshTimeoutMs + LOCK_MARGIN_MS, unwanted: refresh.unwanted }
    try {
      await underLock(queue, async () => {
        for (let round = 1; machine.pendingRefresh === refresh; round++) {
          if (round > MAX_ROUNDS) throw new Error('The stored session kept changing during the refresh.')
          await refreshOnce(refresh, storedBefore)
        }
      })
    } catch (error) {
      machine.failRefresh(refresh, error)
    }
  }

  /** Leaves the refresh pending when the stored record has changed, which calls for another round. */
  async function refreshOnce(refresh: PendingRefresh, storedBefore: ReturnType<Records['read']>): Promise<void> {
    await records.saved()
    const stored = await records.read()
    const before = await storedBefore
    if (machine.pendingRefresh !== refresh) return
    if (stored && stored.version > machine.record.version) {
      await adoptFromOtherTab(refresh, stored, before)
      if (machine.pendingRefresh !== refresh) return
    }
    const from: StartingPoint = {
      record: machine.record,
      storedVersion: stored === undefined ? machine.record.version : (stored?.version ?? 0),
      epoch: machine.epoch,
      at: clock.now(),
    }
    try {
      const { value: grant, sentAt } = await callServer(refresh, from)
      await receive(grant, sentAt, from)
    } catch (error) {
      if (error instanceof SessionEndedError) return endSession(error, from)
      const waitMs = retryAfterMs(error)
      if (waitMs && machine.epoch === from.epoch && !(error instanceof RefreshFailedError)) {
        machine.delayRefreshes(waitMs, error)
        // Announced while the lock is held: the next tab to acquire it must not call the server.
        tabs.announce()
      }
      throw error
    }
  }

  /** Another tab has refreshed, signed in or signed out since: its result may settle this refresh, too. */
  async function adoptFromOtherTab(
    refresh: PendingRefresh,
    stored: StoredSession,
    before: StoredSession | null | undefined,
  ): Promise<void> {
    // A token that was stored before we started may be of any age.
    const isNew = before && stored.version > before.version
    machine.adopt(stored, { token: storedToken(stored, isNew ? refresh.startedAt : undefined) })
    // With the cookie transport, the token itself is not stored: the tab that has it announces it.
    if (machine.pendingRefresh === refresh && tabs.ask()) await pause(clock, ASK_MS, refresh.unwanted)
  }

  function callServer({ unwanted }: PendingRefresh, from: StartingPoint) {
    const refreshToken = from.record.refreshToken ?? null
    const call = async (signal: CancelSignal, isRetry: boolean): Promise<Grant> => {
      // Another tab may have been told to wait since the refresh started.
      assertNoDelay()
      return checkGrant(await transport.refresh({ refreshToken, signal, isRetry }))
    }
    return callWithRetries(call, {
      ...{ clock, random, timeoutMs: refreshTimeoutMs, disposed, unwanted },
      onRetry: (attempt, delayMs) => machine.emit({ type: 'refreshRetried', attempt, delayMs }),
      onLate: (grant, sentAt) => void receive(grant, sentAt, from),
    })
  }

  /** The server sent new tokens. */
  async function receive(grant: Grant, sentAt: number, from: StartingPoint): Promise<void> {
    if (machine.epoch !== from.epoch) return discard(grant)
    if (grant.userId !== from.record.userId) {
      // With a cookie, this is the live session of a user who signed in some other way in place of ours: keep it.
      if (grant.refreshToken) discard(grant)
      return endSession(new SessionEndedError('REPLACED'), from)
    }
    // Another tab refreshed first (only without the lock). It is the same session, and its record is newer.
    if (machine.record.version > from.record.version) return
    const token = tokenOf(grant, sentAt, settings)
    const record = recordOfRefresh(from.record, grant, token)
    const isWritten = await records.write(record, from.storedVersion)
    if (machine.epoch !== from.epoch) return discard(grant)
    if (!isWritten) return reconcile(grant, token, from)
    machine.completeRefresh(record, token)
    tabs.announce()
  }

  /** The stored record has changed since the refresh started, so it takes precedence; the grant serves its own session. */
  async function reconcile(grant: Grant, token: IssuedToken, from: StartingPoint): Promise<void> {
    const stored = await records.read()
    if (machine.epoch !== from.epoch) return discard(grant)
    if (stored && stored.epoch !== from.record.epoch) {
      machine.adopt(stored, { token: storedToken(stored, token.sentAt) })
      return discard(grant)
    }
    if (stored && stored.version > from.record.version) {
      return machine.adopt(stored, { token: storedToken(stored, token.sentAt) ?? token })
    }
    // It is older than what this refresh started from: the storage did not answer, or answered with a former state.
    const record = recordOfRefresh(from.record, grant, token)
    await records.write(record, stored?.version ?? 0)
    if (machine.epoch !== from.epoch) return discard(grant)
    machine.completeRefresh(record, token)
    tabs.announce()
  }

  /** The server ended the session. That applies to the stored session only if it is the one that was sent. */
  async function endSession({ reason }: SessionEndedError, from: StartingPoint): Promise<void> {
    if (machine.epoch !== from.epoch) return
    if (machine.record.version > from.record.version) return
    const ended = recordOfSignOut(from.record, clock)
    if (!(await records.write(ended, from.storedVersion))) {
      return records.catchUp((stored) => storedToken(stored, from.at))
    }
    if (machine.epoch !== from.epoch) return
    machine.end(ended, reason)
    tabs.announce()
    // Otherwise a page without storage would try the cookie at each load. After REPLACED it is the other user's.
    if (reason !== 'REPLACED') transport.cookieHint?.clear()
  }

  return start
}
