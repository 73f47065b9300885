import { type HeldToken, holdToken, type IssuedToken, postponeRenewal } from './access-token.ts'
import { type Canceller, type CancelSignal, canceller } from './async/cancel.ts'
import { type EndReason, RefreshFailedError, retryAfterMs, SessionEndedError } from './errors.ts'
import {
  createListeners,
  type Listeners,
  type RefreshCause,
  type SessionEvent,
  type TimedSessionEvent,
} from './events.ts'
import type { Settings } from './options.ts'
import type { StoredSession } from './ports.ts'

/** What a session is doing. A refresh ahead of time is `refreshing` too. */
export type SessionState = 'signedOut' | 'active' | 'refreshing'

/** A refresh under way. Its work may outlast it: then nobody waits for that work anymore, and its result is dropped. */
export interface PendingRefresh {
  /** When it started, by the session's clock, in milliseconds. */
  readonly startedAt: number
  /** Aborted once the refresh has succeeded or failed: its work need not queue for the lock or retry. */
  readonly unwanted: CancelSignal
  /**
   * Waits for it, as one operation.
   * @returns the new access token; rejects with `RefreshFailedError` or `SessionEndedError`.
   */
  join(): Promise<string>
}

/**
 * The session's state in one tab, and every way it can change. It does nothing else: no storage, no server.
 *
 *     signedOut ──signIn──▶ active ──beginRefresh──▶ refreshing
 *         ▲                  ▲ │ ▲                    │  │  │
 *         └─signOut, end─────┼─┘ └─completeRefresh────┘  │  │
 *         ▲                  └──────failRefresh──────────┘  │
 *         └────────────signOut, end─────────────────────────┘
 *
 * `adopt` follows another tab along any of these arrows.
 */
export interface StateMachine {
  readonly state: SessionState
  /** The newest record this tab knows. */
  readonly record: StoredSession
  /** The newest access token; null when there is none. */
  readonly token: HeldToken | null
  /** The access token if it is good now. */
  readonly goodToken: HeldToken | null
  readonly pendingRefresh: PendingRefresh | null
  /** Counts the sign-ins and sign-outs this tab has seen: waiters and late answers belong to one of them. */
  readonly epoch: number
  /** Why the last session of this tab ended; null before any did. */
  readonly endReason: EndReason | null

  /** Whether a record belongs to the current sign-in. Two tabs that sign in simultaneously count the same epoch. */
  isSameSignIn(record: StoredSession): boolean
  /** False when `accessToken` is known to belong to another sign-in than the current one. */
  isOwnToken(accessToken: string): boolean
  /** The error for operations of a former sign-in. */
  endedError(): SessionEndedError

  /** Somebody signed in, in this tab. */
  signIn(record: StoredSession, token: IssuedToken): void
  /** The user signed out, in this tab. */
  signOut(record: StoredSession): void
  /** The session ended without a sign-out: the server refused it, or somebody else took its cookie. */
  end(record: StoredSession, reason: EndReason): void
  /**
   * Follows a record of another tab: its sign-in, its sign-out, or its new tokens.
   * @param found.token null when the other tab's access token is not known (yet).
   * @param found.reason why the session ended there, if it did and the reason is known.
   */
  adopt(record: StoredSession, found: { token: IssuedToken | null; reason?: EndReason | null | undefined }): void
  /** Makes the record newer than a stored one of this version and epoch. */
  renumber(stored: { version: number; epoch: number }): void
  /** Marks a token as refused by the server, if it is the current one. */
  refuseToken(accessToken: string): void
  /** Notes that an operation uses the token. */
  useToken(): void
  beginRefresh(cause: RefreshCause): PendingRefresh
  /** The server sent new tokens for the current sign-in. */
  completeRefresh(record: StoredSession, token: IssuedToken): void
  /** Ends a refresh without a result. The session continues. */
  failRefresh(refresh: PendingRefresh, error: unknown): void
  /** Ends everything in this tab, without a statement about the session itself. */
  dispose(): void

  readonly events: Pick<Listeners<TimedSessionEvent>, 'subscribe'>
  readonly states: Pick<Listeners<SessionState>, 'subscribe'>
  readonly ends: Pick<Listeners<EndReason>, 'subscribe'>
  /** Called when there is another token, none, or another time to renew it. */
  readonly tokens: Pick<Listeners<void>, 'subscribe'>
  emit(event: SessionEvent): void
}

/** How many past access tokens are remembered, to tell whose operation failed. */
const MAX_REMEMBERED_TOKENS = 100

/** A pending refresh, and what only the state machine may do to it. */
interface OwnRefresh extends PendingRefresh {
  readonly cancel: Canceller
  /** How many operations have joined. */
  readonly waiting: number
  resolve(accessToken: string): void
  reject(error: Error): void
}

export function createStateMachine(settings: Pick<Settings, 'clock' | 'random' | 'refreshAheadRatio'>): StateMachine {
  const { clock, random, refreshAheadRatio } = settings
  const events = createListeners<TimedSessionEvent>()
  const states = createListeners<SessionState>()
  const ends = createListeners<EndReason>()
  const tokens = createListeners<void>()
  const epochOfToken = new Map<string, number>()

  let record: StoredSession = { version: 0, epoch: 0, userId: null }
  let token: HeldToken | null = null
  let refresh: OwnRefresh | null = null
  let epoch = 0
  let endReason: EndReason | null = null
  let published: SessionState = 'signedOut'

  const state = (): SessionState => (record.userId === null ? 'signedOut' : refresh ? 'refreshing' : 'active')
  const goodToken = (): HeldToken | null => (token && clock.now() < token.goodUntil ? token : null)
  const emit = (event: SessionEvent): void => events.emit({ ...event, at: clock.now() })
  const endedError = (): SessionEndedError => new SessionEndedError(endReason ?? 'SIGNED_OUT')
  const isSameSignIn = ({ epoch, userId }: StoredSession): boolean => epoch === record.epoch && userId === record.userId

  /** Every change of the record goes through here. `reason` is for the former user, if the record is of another sign-in. */
  function moveTo(
    next: StoredSession,
    { issued, reason, isAdopted = false }: { issued: IssuedToken | null; reason: EndReason; isAdopted?: boolean },
  ): void {
    const formerUserId = record.userId
    const isOtherSignIn = !isSameSignIn(next)
    record = next
    if (isOtherSignIn) {
      epoch++
      token = null
      if (formerUserId !== null) endReason = reason
      clearRefresh()?.reject(new SessionEndedError(reason))
    }
    if (issued) hold(issued, isAdopted)
    publish()
    tokens.emit()
    if (!isOtherSignIn) return
    if (formerUserId !== null && formerUserId !== next.userId) {
      emit({ type: 'ended', reason })
      ends.emit(reason)
    }
    if (next.userId !== null) emit({ type: 'signedIn' })
  }

  function hold(issued: IssuedToken, isAdopted: boolean): void {
    token = holdToken(issued, refreshAheadRatio, random)
    epochOfToken.set(token.accessToken, epoch)
    for (const oldest of epochOfToken.keys()) {
      if (epochOfToken.size > MAX_REMEMBERED_TOKENS) epochOfToken.delete(oldest)
    }
    if (isAdopted) emit({ type: 'adopted' })
    const done = clearRefresh()
    if (!done) return
    emit({ type: 'refreshDone', ...figuresOf(done), adopted: isAdopted })
    done.resolve(token.accessToken)
  }

  /** From here on, work that is still done for the refresh is unwanted. */
  function clearRefresh(): OwnRefresh | null {
    const cleared = refresh
    refresh = null
    cleared?.cancel.abort()
    return cleared
  }

  const figuresOf = ({ startedAt, waiting }: OwnRefresh): { ms: number; shared: number } => ({
    ms: clock.now() - startedAt,
    shared: waiting,
  })

  function publish(): void {
    if (state() === published) return
    published = state()
    states.emit(published)
  }

  return {
    get state() {
      return state()
    },
    get record() {
      return record
    },
    get token() {
      return token
    },
    get goodToken() {
      return goodToken()
    },
    get pendingRefresh() {
      return refresh
    },
    get epoch() {
      return epoch
    },
    get endReason() {
      return endReason
    },
    isSameSignIn,
    isOwnToken: (accessToken) => (epochOfToken.get(accessToken) ?? epoch) === epoch,
    endedError,

    signIn: (next, issued) => moveTo(next, { issued, reason: 'REPLACED' }),
    signOut: (next) => moveTo(next, { issued: null, reason: 'SIGNED_OUT' }),
    end: (next, reason) => moveTo(next, { issued: null, reason }),
    adopt(next, { token: issued, reason }) {
      const isSignOut = next.userId === null
      moveTo(next, { issued, reason: reason ?? (isSignOut ? 'SIGNED_OUT' : 'REPLACED'), isAdopted: true })
    },
    renumber(stored) {
      record = { ...record, version: stored.version + 1, epoch: Math.max(stored.epoch + 1, record.epoch) }
    },
    refuseToken(accessToken) {
      if (token?.accessToken === accessToken) token = { ...token, goodUntil: 0 }
    },
    useToken() {
      if (token && !token.isUsed) token = { ...token, isUsed: true }
    },

    beginRefresh(cause) {
      const begun = pendingRefresh(clock.now())
      refresh = begun
      emit({ type: 'refreshStarted', cause })
      publish()
      return begun
    },
    completeRefresh: (next, issued) => moveTo(next, { issued, reason: 'REPLACED' }),
    failRefresh(failed, error) {
      if (refresh !== failed) return
      const { reject } = refresh
      emit({ type: 'refreshFailed', ...figuresOf(refresh) })
      refresh = null
      reject(new RefreshFailedError(error))
      const current = goodToken()
      if (current) token = postponeRenewal(current, clock.now(), retryAfterMs(error))
      publish()
      tokens.emit()
    },
    dispose() {
      epoch++
      token = null
      endReason = 'DISPOSED'
      clearRefresh()?.reject(endedError())
      for (const listeners of [events, states, ends, tokens]) listeners.clear()
    },

    events,
    states,
    ends,
    tokens,
    emit,
  }
}

function pendingRefresh(startedAt: number): OwnRefresh {
  const cancel = canceller()
  let waiting = 0
  let resolve!: OwnRefresh['resolve']
  let reject!: OwnRefresh['reject']
  const result = new Promise<string>((fulfill, fail) => {
    resolve = fulfill
    reject = fail
  })
  // Nobody waits for a refresh ahead of time: its failure is an event, not an unhandled rejection.
  result.catch(() => {})
  return {
    startedAt,
    unwanted: cancel.signal,
    cancel,
    get waiting() {
      return waiting
    },
    join() {
      waiting++
      return result
    },
    resolve,
    reject,
  }
}
