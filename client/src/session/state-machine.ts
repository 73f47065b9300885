import { createPendingRefresh, type OwnRefresh, type PendingRefresh } from './async/pending-refresh.ts'
import { type EndOrigin, type EndReason, RefreshFailedError, type SessionEnd, SessionEndedError } from './errors.ts'
import {
  createListeners,
  type Listeners,
  type RefreshCause,
  type SessionEvent,
  type TimedSessionEvent,
} from './events.ts'
import type { Settings } from './options.ts'
import type { StoredSession } from './ports.ts'
import { nextEpoch } from './storage/session-record.ts'
import { ageOf, type HeldToken, holdToken, type IssuedToken, postponeRenewal } from './tokens/access-token.ts'
import { isClearReason, judgeRefusal } from './tokens/refusals.ts'

/** What a session is doing. A refresh ahead of time is `refreshing` too. */
export type SessionState = 'signedOut' | 'active' | 'refreshing'

/** What the state consists of. Only the state machine changes it. */
interface State {
  /** The newest record this tab knows. */
  record: StoredSession
  /** The newest access token; null when there is none. */
  token: HeldToken | null
  pendingRefresh: PendingRefresh | null
  /** Counts the sign-ins and sign-outs this tab has seen: waiters and late answers belong to one of them. */
  epoch: number
  /** Why the last session of this tab ended; null before any did. */
  endReason: EndReason | null
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
export interface StateMachine extends Readonly<State> {
  state(): SessionState
  /** The access token if it is still valid. */
  goodToken(): HeldToken | null
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
  /** The session ended without a sign-out: the server refused it, or another session replaced its cookie. */
  end(record: StoredSession, reason: EndReason): void
  /**
   * Follows a record of another tab: its sign-in, its sign-out, or its new tokens.
   * @param found.token null when the other tab's access token is not known (yet).
   * @param found.reason why the session ended there, if it did and the reason is known.
   */
  adopt(record: StoredSession, found: { token: IssuedToken | null; reason?: EndReason | null | undefined }): void
  /** Continues the session of the user in the cookie's hint. Only while no record is stored. */
  followHint(userId: string): void
  /** Makes the record newer than a stored one of this version and epoch. */
  renumber(stored: { version: number; epoch: number }): void
  /**
   * Notes that the server refused a token.
   * @returns false if it is the current one and stays in use, because a new token would not help (C2).
   */
  refuseToken(accessToken: string, reason?: string): boolean
  /** Notes that an operation uses the token. */
  useToken(): void
  beginRefresh(cause: RefreshCause): PendingRefresh
  /** The server sent new tokens for the current sign-in. */
  completeRefresh(record: StoredSession, token: IssuedToken): void
  /** Ends a refresh without a result. The session continues. */
  failRefresh(refresh: PendingRefresh, error: unknown): void
  /** Notes that the server wants no refresh of this sign-in for `ms` milliseconds. */
  delayRefreshes(ms: number, cause: unknown): void
  /** The error for operations that need a refresh while the server wants none; null when a refresh may start. */
  refreshDelay(): RefreshFailedError | null
  /** Ends everything in this tab, without a statement about the session itself. */
  dispose(): void

  readonly events: Pick<Listeners<TimedSessionEvent>, 'subscribe'>
  readonly states: Pick<Listeners<SessionState>, 'subscribe'>
  readonly ends: Pick<Listeners<SessionEnd>, 'subscribe'>
  /** Called when there is another token, none, or another time to renew it. */
  readonly tokens: Pick<Listeners<void>, 'subscribe'>
  emit(event: SessionEvent): void
}

/** How many past access tokens are remembered, to tell whose operation failed. */
const MAX_REMEMBERED_TOKENS = 100

export function createStateMachine(settings: Pick<Settings, 'clock' | 'random' | 'refreshAheadRatio'>): StateMachine {
  const { clock } = settings
  const events = createListeners<TimedSessionEvent>()
  const states = createListeners<SessionState>()
  const ends = createListeners<SessionEnd>()
  const tokens = createListeners<void>()
  const epochOfToken = new Map<string, number>()

  /** Others see it as read-only. */
  const own: State & { pendingRefresh: OwnRefresh | null } = {
    record: { version: 0, epoch: 0, userId: null },
    token: null,
    pendingRefresh: null,
    epoch: 0,
    endReason: null,
  }
  let published: SessionState = 'signedOut'
  /** The epoch given to a session that is known only from the cookie's hint, until a stored record is read. */
  let hintedEpoch: number | undefined
  /** Until when the server wants no refresh, by the session's clock, and the error in which it said so. */
  let delay = { until: 0, cause: undefined as unknown }

  function state(): SessionState {
    if (own.record.userId === null) return 'signedOut'
    return own.pendingRefresh ? 'refreshing' : 'active'
  }
  const goodToken = (): HeldToken | null => (own.token && clock.now() < own.token.goodUntil ? own.token : null)
  const emit = (event: SessionEvent): void => events.emit({ ...event, at: clock.now() })
  function refreshDelay(): RefreshFailedError | null {
    const ms = Math.ceil(delay.until - clock.now())
    return ms > 0 ? new RefreshFailedError(delay.cause, ms) : null
  }
  const endedError = (): SessionEndedError => new SessionEndedError(own.endReason ?? 'SIGNED_OUT')
  const isSameSignIn = ({ epoch, userId }: StoredSession): boolean =>
    userId === own.record.userId && (epoch === own.record.epoch || own.record.epoch === hintedEpoch)

  /** Every change of the record goes through here. `reason` is for the former user, if the record is of another sign-in. */
  function moveTo(
    next: StoredSession,
    end: SessionEnd & { readonly issued: IssuedToken | null; readonly isAdopted?: boolean },
  ): void {
    const { issued, reason, origin, isAdopted = false } = end
    const formerUserId = own.record.userId
    const isOtherSignIn = !isSameSignIn(next)
    own.record = next
    if (isOtherSignIn) {
      own.epoch++
      own.token = null
      delay = { until: 0, cause: null }
      if (formerUserId !== null) own.endReason = reason
      clearRefresh()?.reject(new SessionEndedError(reason))
    }
    if (issued) hold(issued, isAdopted)
    publish()
    tokens.emit()
    if (!isOtherSignIn) return
    if (formerUserId !== null && formerUserId !== next.userId) {
      emit({ type: 'ended', reason, origin })
      ends.emit({ reason, origin })
    }
    if (next.userId !== null) emit({ type: 'signedIn' })
  }

  function hold(issued: IssuedToken, isAdopted: boolean): void {
    own.token = holdToken(issued, settings, Math.max(issued.refusals ?? 0, own.token?.nextRefusals ?? 0))
    epochOfToken.set(issued.accessToken, own.epoch)
    for (const oldest of epochOfToken.keys()) {
      if (epochOfToken.size > MAX_REMEMBERED_TOKENS) epochOfToken.delete(oldest)
    }
    if (isAdopted) emit({ type: 'adopted' })
    const done = clearRefresh()
    if (!done) return
    emit({ type: 'refreshDone', ...figuresOf(done), adopted: isAdopted })
    done.resolve(issued.accessToken)
  }

  /** From here on, work that is still done for the refresh is unwanted. */
  function clearRefresh(): OwnRefresh | null {
    const cleared = own.pendingRefresh
    own.pendingRefresh = null
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

  return Object.assign(own, {
    state,
    goodToken,
    isSameSignIn,
    isOwnToken: (accessToken) => (epochOfToken.get(accessToken) ?? own.epoch) === own.epoch,
    endedError,

    signIn: (next, issued) => moveTo(next, { issued, reason: 'REPLACED', origin: 'here' }),
    signOut: (next) => moveTo(next, { issued: null, reason: 'SIGNED_OUT', origin: 'here' }),
    end: (next, reason) => moveTo(next, { issued: null, reason, origin: 'server' }),
    followHint(userId) {
      const epoch = nextEpoch(own.record, clock)
      hintedEpoch = epoch
      // Version 0: nothing is stored.
      moveTo({ version: 0, epoch, userId }, { issued: null, reason: 'REPLACED', origin: 'here', isAdopted: true })
    },
    adopt(next, { token: issued, reason: why }) {
      const { userId } = next
      const reason = why ?? (userId === null ? 'SIGNED_OUT' : 'REPLACED')
      const origin: EndOrigin = userId === null && reason !== 'SIGNED_OUT' ? 'server' : 'otherTab'
      // Records of former releases may hold a number.
      const record = { ...next, userId: userId === null ? null : String(userId) }
      moveTo(record, { issued, reason, origin, isAdopted: true })
    },
    renumber(stored) {
      const { record } = own
      own.record = { ...record, version: stored.version + 1, epoch: Math.max(stored.epoch + 1, record.epoch) }
    },
    refuseToken(accessToken, reason) {
      const token = goodToken()
      if (token?.accessToken !== accessToken) return true
      // While the server wants no refresh, the token may still be good for everything else.
      if (refreshDelay() && !isClearReason(reason)) return false
      const { refreshes, nextRefusals } = judgeRefusal(token, ageOf(token, clock), reason)
      own.token = { ...token, nextRefusals, goodUntil: refreshes ? 0 : token.goodUntil }
      return refreshes
    },
    useToken() {
      if (own.token && !own.token.isUsed) own.token = { ...own.token, isUsed: true }
    },

    beginRefresh(cause) {
      const begun = createPendingRefresh(clock.now())
      own.pendingRefresh = begun
      emit({ type: 'refreshStarted', cause })
      publish()
      return begun
    },
    completeRefresh: (next, issued) => moveTo(next, { issued, reason: 'REPLACED', origin: 'server' }),
    failRefresh(failed, error) {
      const refresh = own.pendingRefresh
      if (refresh !== failed) return
      emit({ type: 'refreshFailed', ...figuresOf(refresh) })
      own.pendingRefresh = null
      refresh.reject(error instanceof RefreshFailedError ? error : new RefreshFailedError(error))
      const current = goodToken()
      if (current) own.token = postponeRenewal(current, clock.now())
      publish()
      tokens.emit()
    },
    delayRefreshes(ms, cause) {
      delay = { until: clock.now() + ms, cause }
    },
    refreshDelay,
    dispose() {
      own.epoch++
      own.token = null
      own.endReason = 'DISPOSED'
      clearRefresh()?.reject(endedError())
      for (const listeners of [events, states, ends, tokens]) listeners.clear()
    },

    ...{ events, states, ends, tokens, emit },
  } satisfies Omit<StateMachine, keyof State>)
}
