import type { CancelSignal } from './cancel.ts'
import { type EndReason, retryAfterMs } from './errors.ts'
import type { RefreshCause, SessionEvent, TimedSessionEvent } from './events.ts'
import { tokenOf } from './held-token.ts'
import type { SessionState } from './machine.ts'
import { SessionParts } from './parts.ts'
import type { Channel, Clock, Lock, Page, Storage, TokenGrant, Transport } from './ports.ts'
import { renew } from './renewal.ts'
import type { Flight } from './single-flight.ts'
import { unlessAborted } from './waiting.ts'

/** Timers of the platform count in 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** The least time between two renewals ahead of time of one token. */
const LEAST_PAUSE_MS = 1_000

/** What a session is made of. The package's own `createSession` fills in the browser's ports. */
export interface SessionOptions {
  /** The way to the server. */
  readonly transport: Transport
  /** What outlives the page, and what tabs agree on. */
  readonly storage: Storage
  /** Time and timers. */
  readonly clock: Clock
  /** Without it, every tab refreshes for itself; the server must have a grace period. */
  readonly lock?: Lock | undefined
  /** Without it, tabs learn of each other from the stored record, when they next need a token or wake. */
  readonly channel?: Channel | undefined
  /** Whether somebody is looking. Without it, somebody always is. */
  readonly page?: Page | undefined
  /** Called once in each tab when its session is over, whatever the reason. Here belongs the way to the sign-in page. */
  readonly onSessionEnded?: ((reason: EndReason) => void) | undefined
  /** How long one refresh may take with all its attempts, in milliseconds. @default 10_000 */
  readonly refreshTimeoutMs?: number | undefined
  /** Which part of an access token's life, at its end, is for renewing it in the background. @default 0.2 */
  readonly refreshAheadRatio?: number | undefined
  /** Source of jitter, 0 to 1. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** What an operation asks for. */
export interface AccessTokenRequest {
  /** The access token the operation was sent with and the server refused. */
  readonly failed?: string | null | undefined
  /** Aborting it rejects the wait with the signal's reason; the refresh goes on for the others. */
  readonly signal?: CancelSignal | null | undefined
}

/** One person's being signed in, in one tab; all tabs of the browser keep in step. */
export interface Session {
  /** What it is doing just now. */
  readonly state: SessionState
  /** Who is signed in. */
  readonly userId: string | null
  /** Grows with every sign-in and sign-out this tab sees: an operation belongs to the epoch it was sent in. */
  readonly epoch: number
  /** How long the access token in hand is still good, in milliseconds; null without one. */
  readonly accessTokenExpiresInMs: number | null
  /** Why the last session of this tab ended; null before any did. */
  readonly endReason: EndReason | null
  /** Settled once the stored session has been looked at; before that, `state` is `signedOut`. Never rejects. */
  readonly ready: Promise<void>
  /**
   * Takes over the tokens of a sign-in. The session is active at once; the promise settles when they are stored.
   * @see PROTOCOL.md C8, C12
   */
  accept(grant: TokenGrant): Promise<void>
  /**
   * An access token that is good now, renewed if need be; null when nobody is signed in.
   * @throws SessionEndedError when the session ends or has ended, or the failed token is another sign-in's.
   * @throws RefreshFailedError when there is no way to get one just now. The session stays.
   * @see PROTOCOL.md C2, C3
   */
  getAccessToken(request?: AccessTokenRequest): Promise<string | null>
  /** Calls back with every new state. @returns how to stop. */
  subscribe(listener: (state: SessionState) => void): () => void
  /** Calls back when the session is over, like the option of that name. @returns how to stop. */
  onSessionEnded(listener: (reason: EndReason) => void): () => void
  /**
   * Ends the session here and in all tabs at once, then at the server.
   * @returns false when the server could not be told: there, the session lives until it expires.
   */
  signOut(): Promise<boolean>
  /** Looks after the token as when the page is shown again. Browsers do it by themselves. */
  wake(): Promise<void>
  /** What happens inside, for developer tools; adapters add to it. */
  readonly events: {
    /** Calls back with every event. @returns how to stop. */
    subscribe(listener: (event: TimedSessionEvent) => void): () => void
    /** For adapters: tells what happened to an operation of theirs. */
    emit(event: SessionEvent): void
  }
  /** Lets go of all listeners, timers and waiters (`SessionEndedError`, reason `DISPOSED`). The session itself lives on. */
  dispose(): void
}

/** Makes a session from its ports. @see PROTOCOL.md C1–C14 */
export function createSession(options: SessionOptions): Session {
  const parts = new SessionParts(options)
  const { machine, clock } = parts
  let cancelTimer = (): void => {}

  const begin = (cause: RefreshCause): Flight => {
    const flight = machine.depart(cause)
    // A refresh ahead of time has nobody who waits: its failure is an event, not an unhandled rejection.
    flight.landed.catch(postpone)
    void renew(parts, flight)
    return flight
  }

  /** A renewal ahead of time that failed is not tried again by every operation, but when half the rest has passed. */
  const postpone = (error: unknown): void => {
    const token = machine.goodToken
    if (!token) return
    const now = clock.now()
    token.renewAt = now + Math.max(LEAST_PAUSE_MS, retryAfterMs(error) ?? 0, (token.goodUntil - now) / 2)
    renewAhead()
  }

  /** C7: renews ahead of time, if the page is looked at and the token was used. */
  const renewAhead = (): void => {
    const { token, flight } = machine
    cancelTimer()
    if (!token) return
    const dueInMs = token.renewAt - clock.now()
    if (dueInMs > 0) cancelTimer = clock.setTimer(renewAhead, Math.min(dueInMs, LONGEST_TIMER_MS), true)
    else if (!flight && token.used && options.page?.isVisible() !== false) begin('ahead')
  }

  const lookAtStored = async (): Promise<void> => {
    await parts.saving
    await parts.catchUp()
    // A reload does not know how old a stored access token is. Another tab may have a good one; if none answers
    // before the first operation, that gets a new one.
    if (machine.record.userId !== null && !machine.token) parts.ask()
  }

  const wake = async (): Promise<void> => {
    await lookAtStored()
    renewAhead()
  }

  const release = [
    machine.tokens.subscribe(renewAhead),
    options.onSessionEnded && machine.ends.subscribe(options.onSessionEnded),
    options.channel?.subscribe((data) => parts.hear(data)),
    options.page?.onWake(wake),
  ]
  let isReady = false
  const ready = lookAtStored().then(() => {
    isReady = true
  })

  return {
    get state() {
      return machine.state
    },
    get userId() {
      return machine.record.userId
    },
    get epoch() {
      return machine.epoch
    },
    get accessTokenExpiresInMs() {
      const token = machine.goodToken
      return token && token.goodUntil - clock.now()
    },
    get endReason() {
      return machine.endReason
    },
    ready,
    subscribe: machine.states.subscribe,
    onSessionEnded: machine.ends.subscribe,
    events: { subscribe: machine.events.subscribe, emit: (event) => machine.emit(event) },
    wake,

    accept(grant) {
      machine.take(parts.recordAfter(machine.record, grant), parts.hold(tokenOf(grant), clock.now()))
      return parts.save()
    },

    async getAccessToken({ failed, signal } = {}) {
      if (signal?.aborted) throw signal.reason
      if (!isReady) await unlessAborted(ready, signal)
      if (parts.disposed) throw machine.ended()
      if (failed && (machine.record.userId === null || !machine.isOurs(failed))) {
        throw machine.ended()
      }
      if (machine.record.userId === null) return null
      if (failed && failed === machine.token?.accessToken) machine.token.goodUntil = 0
      const token = machine.goodToken
      if (token) {
        token.used = true
        renewAhead()
        return token.accessToken
      }
      const flight = machine.flight ?? begin(failed ? 'refused' : 'needed')
      const since = clock.now()
      flight.waiting++
      const renewed = await unlessAborted(flight.landed, signal)
      if (!machine.isOurs(renewed)) throw machine.ended()
      if (machine.token) machine.token.used = true
      machine.emit({ type: 'waited', ms: clock.now() - since })
      return renewed
    },

    async signOut() {
      if (!isReady) await ready
      const { record, token } = machine
      if (record.userId === null || parts.disposed) return true
      // The page may be left in this very turn: what needs no answer goes first, the rest is only tidied up by `save`.
      void parts.store.forget(record.epoch)
      machine.take(parts.recordAfter(record, null), null)
      parts.announce()
      const told = parts.tellSignedOut(record.refreshToken, token?.accessToken, false)
      await parts.save()
      return told
    },

    dispose() {
      parts.disposed = true
      cancelTimer()
      for (const stop of release) stop?.()
      machine.dispose()
      for (const call of parts.calls) call.abort(machine.ended())
    },
  }
}
