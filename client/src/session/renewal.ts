import { persistently } from './attempts.ts'
import { underLock } from './bounded-lock.ts'
import type { CancelSignal } from './cancel.ts'
import { SessionEndedError } from './errors.ts'
import { tokenOf } from './held-token.ts'
import type { SessionParts } from './parts.ts'
import type { StoredSession, TokenGrant } from './ports.ts'
import type { Flight } from './single-flight.ts'
import { pause } from './waiting.ts'

/** Added to the refresh time-out for the wait for the lock, so that a holder that works comes to its end. */
const LOCK_MARGIN_MS = 500
/** How long another tab, which must have the new token, is given to tell it. */
const ASK_MS = 300
/** How often a refresh begins anew because the stored record changed under it. */
const ROUNDS = 3

/**
 * The work behind one flight: queue for the lock, look at what is stored now, call the server, store, tell the other
 * tabs, release.
 * @see PROTOCOL.md C1, C5, C8
 */
export async function renew(parts: SessionParts, flight: Flight): Promise<void> {
  const { machine, lock, store, clock, refreshTimeoutMs } = parts
  const before = store.read()
  try {
    await underLock(lock, clock, refreshTimeoutMs + LOCK_MARGIN_MS, flight.unwanted.signal, async () => {
      for (let round = 1; machine.flight === flight; round++) {
        if (round > ROUNDS) throw new Error('Storage keeps changing')
        await renewOnce(parts, flight, before)
      }
    })
  } catch (error) {
    machine.giveUp(flight, error)
  }
}

/** Ends with the flight landed, or not when the stored record turned out to be another and has to be looked at again. */
async function renewOnce(
  parts: SessionParts,
  flight: Flight,
  before: ReturnType<SessionParts['store']['read']>,
): Promise<void> {
  const { machine, store, clock, transport } = parts
  const unwanted = flight.unwanted.signal
  await parts.saving
  const stored = await store.read()
  const old = await before
  if (machine.flight !== flight) return
  if (stored && stored.version > machine.record.version) {
    // A token that was there before we began may be as old as can be.
    const isNew = old && stored.version > old.version
    parts.adopt(stored, isNew ? flight.startedAt : undefined)
    // In cookie transport the token itself is not stored: the tab that has it tells.
    if (machine.flight === flight && parts.ask()) await pause(clock, ASK_MS, unwanted)
    if (machine.flight !== flight) return
  }
  const from: Beginning = {
    record: machine.record,
    storedVersion: stored === undefined ? machine.record.version : (stored?.version ?? 0),
    epoch: machine.epoch,
    at: clock.now(),
  }
  const refreshToken = from.record.refreshToken ?? null
  const refresh = async (signal: CancelSignal): Promise<TokenGrant> => {
    const grant = await transport.refresh({ refreshToken, signal })
    if (!grant.userId) throw new Error('No userId')
    return grant
  }
  try {
    const { value, sentAt } = await persistently(parts, refresh, {
      unwanted,
      onRetry: (attempt, delayMs) => machine.emit({ type: 'refreshRetried', attempt, delayMs }),
      onLate: (grant, sentAt) => void land(parts, grant, sentAt, from),
    })
    await land(parts, value, sentAt, from)
  } catch (error) {
    if (!(error instanceof SessionEndedError)) throw error
    await end(parts, error, from)
  }
}

/** What a refresh began with: it may only replace that. */
interface Beginning {
  readonly record: StoredSession
  /** The version that was stored; it differs from the record's when the storage is of no use. */
  readonly storedVersion: number
  readonly epoch: number
  readonly at: number
}

/** New tokens came from the server. */
async function land(parts: SessionParts, grant: TokenGrant, sentAt: number, from: Beginning): Promise<void> {
  const { machine, store } = parts
  if (machine.epoch !== from.epoch) return parts.endLate(grant)
  if (grant.userId !== from.record.userId) {
    // With a cookie, this is the live session of whoever signed in over ours in another way: leave it alone.
    if (grant.refreshToken) parts.endLate(grant)
    return end(parts, new SessionEndedError('REPLACED'), from)
  }
  const record = parts.recordAfter(from.record, grant, 0)
  // Another tab was there first (only without the lock): the same session, and its record is the newer.
  if (machine.record.version > from.record.version) return
  const written = await store.write(record, from.storedVersion)
  if (machine.epoch !== from.epoch) return parts.endLate(grant)
  if (!written) return takeStored(parts, grant, sentAt, from)
  machine.take(record, parts.hold(tokenOf(grant), sentAt))
  parts.announce()
}

/** What is stored is no longer what the refresh began with: it wins, and the grant serves if it is of that session. */
async function takeStored(parts: SessionParts, grant: TokenGrant, sentAt: number, from: Beginning): Promise<void> {
  const stored = await parts.store.read()
  if (parts.machine.epoch !== from.epoch) return parts.endLate(grant)
  if (stored && stored.epoch !== from.record.epoch) {
    parts.adopt(stored, sentAt)
    return parts.endLate(grant)
  }
  const record = stored ?? parts.recordAfter(from.record, grant, 0)
  parts.adopt(record, sentAt, parts.hold(tokenOf(grant), sentAt))
}

/** The server says that the session is over: true of what is stored only if that is what was sent. */
async function end(parts: SessionParts, error: SessionEndedError, from: Beginning): Promise<void> {
  const { machine, store } = parts
  if (machine.epoch !== from.epoch) return
  if (machine.record.version > from.record.version) return
  const ended = parts.recordAfter(from.record, null)
  if (!(await store.write(ended, from.storedVersion))) return parts.catchUp(from.at)
  if (machine.epoch !== from.epoch) return
  machine.take(ended, null, false, error.reason)
  parts.announce()
}
