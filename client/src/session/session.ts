import { abortReason, type CancelSignal, canceller, onAbort } from './async/cancel.ts'
import type { PendingRefresh } from './async/pending-refresh.ts'
import { unlessAborted, within } from './async/waiting.ts'
import type { EndOrigin, EndReason } from './errors.ts'
import type { SessionEvent, TimedSessionEvent } from './events.ts'
import { type SessionOptions, withDefaults } from './options.ts'
import type { Clock, TokenGrant, Transport } from './ports.ts'
import { createRefresh } from './refresh.ts'
import { createAheadRenewal } from './renew-ahead.ts'
import { createSignOut } from './sign-out.ts'
import { createStateMachine, type SessionState } from './state-machine.ts'
import { createCookieCheck } from './storage/cookie-check.ts'
import { createRecordStore } from './storage/record-store.ts'
import { createRecords } from './storage/records.ts'
import { recordOfSignIn } from './storage/session-record.ts'
import { createTabs } from './tabs.ts'
import { tokenByWallClock, tokenOf } from './tokens/access-token.ts'
import { checkGrant } from './tokens/token-grant.ts'

/** How long a server that refuses a new token has to learn of it, in milliseconds. */
const PAUSE_MS = 500

/** What an operation asks for. */
export interface AccessTokenRequest {
  /** The access token that the operation was sent with and that the server refused. */
  readonly failed?: string | null | undefined
  /** Why the server refused it, as in `extensions.reason`, if it said so. @see PROTOCOL.md S4 */
  readonly reason?: string | undefined
  /** Aborting it rejects the wait with the signal's reason; the refresh continues for the others. */
  readonly signal?: CancelSignal | null | undefined
}

/** One user's sign-in, seen from one tab; all tabs of the browser stay in step. */
export interface Session {
  /** The current state. */
  readonly state: SessionState
  /** The signed-in user; null when nobody is signed in. */
  readonly userId: string | null
  /** Grows with every sign-in and sign-out this tab sees: an operation belongs to the epoch it was sent in. */
  readonly epoch: number
  /** How long the current access token is still good, in milliseconds; `Infinity` if unknown; null without one. */
  readonly accessTokenExpiresInMs: number | null
  /** Why the last session of this tab ended; null before any did. */
  readonly endReason: EndReason | null
  /** Settles once the stored session has been read; until then, `state` is `signedOut`. Never rejects. */
  readonly ready: Promise<void>
  /** The clock that the session was created with. Adapters use it, so that tests can control time. */
  readonly clock: Clock
  /**
   * Starts a session with the tokens of a sign-in. It is active immediately; the promise settles when they are stored.
   * @throws TypeError which names the field, if the grant has no usable access token or user; nothing has changed then.
   * @see PROTOCOL.md C8, C12
   */
  accept(grant: TokenGrant): Promise<void>
  /**
   * Returns a valid access token, refreshed if necessary; null when nobody is signed in. For a failed token that is only
   * seconds old, it returns the same token after half a second: send the operation once more, and no further.
   * @throws SessionEndedError when the session ends or has ended, or when the failed token belongs to another sign-in.
   * @throws RefreshFailedError when the token cannot be refreshed for now: at once while the server wants no refresh. The
   * session continues.
   * @see PROTOCOL.md C2, C3
   */
  getAccessToken(request?: AccessTokenRequest): Promise<string | null>
  /**
   * Whether a request to `url` may carry the access token; adapters ask before they send it.
   * @param kind `graphql` for a GraphQL operation.
   * @throws TypeError when it goes to another server than the one that issued the token.
   */
  checkUrl(url: string, kind: 'graphql' | 'other'): void
  /**
   * The `credentials` that a request to `url`, or to the session's server, needs for cookies; adapters add them, also to
   * a sign-in. Undefined: the platform's default.
   */
  credentialsFor(url?: string): Transport['credentials']
  /** Calls `listener` with every new state. @returns how to stop. */
  subscribe(listener: (state: SessionState) => void): () => void
  /** Calls `listener` when the session ends, like the option of the same name. @returns how to stop. */
  onSessionEnded(listener: (reason: EndReason, origin: EndOrigin) => void): () => void
  /**
   * Ends the session here and in all tabs immediately, then at the server.
   * @returns false when the server could not be reached: there, the session stays active until it expires.
   */
  signOut(): Promise<boolean>
  /** Checks the stored session and the token, as when the page becomes visible again. Browsers do this automatically. */
  wake(): Promise<void>
  /** Internal events, for developer tools; adapters add theirs. */
  readonly events: {
    /** Calls `listener` with every event. @returns how to stop. */
    subscribe(listener: (event: TimedSessionEvent) => void): () => void
    /** For adapters: reports what happened to one of their operations. */
    emit(event: SessionEvent): void
  }
  /** Removes all listeners, timers and waiters (`SessionEndedError`, reason `DISPOSED`). The session itself stays active. */
  dispose(): void
}

/** Creates a session from its ports. @see PROTOCOL.md C1–C17 */
export function createSession(options: SessionOptions): Session {
  const settings = withDefaults(options)
  const { clock, channel, page, storage } = settings
  const disposal = canceller()
  const disposed = disposal.signal
  const machine = createStateMachine(settings)
  // A storage that tabs do not share starts empty in each tab on purpose.
  const cookieHint = storage.shared === false ? undefined : settings.transport.cookieHint
  const records = createRecords(machine, createRecordStore(storage, clock, disposed), cookieHint)
  const tabs = createTabs(channel, machine, clock)
  const { signOut, discard } = createSignOut({ settings, machine, records, tabs, disposed })
  const startRefresh = createRefresh({ settings, machine, records, tabs, disposed, discard })
  const renewal = createAheadRenewal(settings, machine, startRefresh)
  const checkCookie = createCookieCheck(settings, machine, startRefresh)

  async function readStored(): Promise<void> {
    await records.saved()
    await records.catchUp(
      // During a refresh, only a token that is certainly new may settle it.
      (stored) => (machine.pendingRefresh ? null : tokenByWallClock(stored, clock)),
      // Another tab may have a good token; if none answers before the first operation, that operation refreshes.
      () => machine.record.userId !== null && !machine.token && tabs.ask(),
    )
  }

  async function wake(): Promise<void> {
    await readStored()
    renewal.check()
  }

  const onSessionEnded: Session['onSessionEnded'] = (listener) =>
    machine.ends.subscribe(({ reason, origin }) => listener(reason, origin))
  if (options.onSessionEnded) onSessionEnded(options.onSessionEnded)
  const stops = [tabs.listen(), page?.onWake(wake)]
  let isReady = false
  const ready = readStored().then(() => {
    isReady = true
  })

  async function waitFor(refresh: PendingRefresh, signal: CancelSignal | null | undefined): Promise<string> {
    const since = clock.now()
    const accessToken = await unlessAborted(refresh.join(), signal)
    if (!machine.isOwnToken(accessToken)) throw machine.endedError()
    machine.useToken()
    machine.emit({ type: 'waited', ms: clock.now() - since })
    return accessToken
  }

  /** Waits until a server that learns of new tokens late knows this one, or until there is another one, or none. */
  async function pauseBeforeReplay(failed: string, signal: CancelSignal | null | undefined): Promise<void> {
    const stops: (() => void)[] = []
    const changed = new Promise<void>((resolve) => {
      stops.push(
        machine.tokens.subscribe(() => machine.goodToken()?.accessToken !== failed && resolve()),
        onAbort(disposed, resolve),
      )
    })
    await within(clock, PAUSE_MS, changed, () => {}, signal ?? undefined).finally(() => {
      for (const stop of stops) stop()
    })
  }

  return {
    get state() {
      return machine.state()
    },
    get userId() {
      return machine.record.userId
    },
    get epoch() {
      return machine.epoch
    },
    get accessTokenExpiresInMs() {
      const token = machine.goodToken()
      return token && token.goodUntil - clock.now()
    },
    get endReason() {
      return machine.endReason
    },
    ready,
    clock,
    subscribe: machine.states.subscribe,
    onSessionEnded,
    events: { subscribe: machine.events.subscribe, emit: machine.emit },
    wake,
    checkUrl: (url, kind) => settings.transport.checkUrl?.(url, kind),
    credentialsFor: (url) => settings.transport.credentialsFor?.(url),

    async accept(given) {
      const grant = checkGrant(given)
      const token = tokenOf(grant, clock.now(), settings)
      machine.signIn(recordOfSignIn(machine.record, { grant, token, clock }), token)
      if (!(await records.save())) return
      tabs.announce()
      if (!grant.refreshToken) void checkCookie()
    },

    async getAccessToken({ failed, reason, signal } = {}) {
      if (signal?.aborted) throw abortReason(signal)
      if (!isReady) await unlessAborted(ready, signal)
      if (disposed.aborted) throw machine.endedError()
      const isSignedIn = (): boolean => machine.record.userId !== null
      const isOver = (): boolean => Boolean(failed && !(isSignedIn() && machine.isOwnToken(failed)))
      if (isOver()) throw machine.endedError()
      if (!isSignedIn()) return null
      if (failed && !machine.refuseToken(failed, reason)) {
        await pauseBeforeReplay(failed, signal)
        if (isOver()) throw machine.endedError()
      }
      const token = machine.goodToken()
      if (token) {
        machine.useToken()
        renewal.check()
        return token.accessToken
      }
      return waitFor(machine.pendingRefresh ?? startRefresh(failed ? 'refused' : 'needed'), signal)
    },

    async signOut() {
      if (!isReady) await ready
      const isOver = machine.record.userId === null && records.isKnown()
      return isOver || disposed.aborted || signOut()
    },

    dispose() {
      renewal.stop()
      for (const stop of stops) stop?.()
      machine.dispose()
      disposal.abort(machine.endedError())
    },
  }
}
