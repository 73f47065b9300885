import { type EndReason, RefreshFailedError, SessionEndedError } from './errors.ts'
import { Listeners, type RefreshCause, type SessionEvent, type TimedSessionEvent } from './events.ts'
import type { HeldToken } from './held-token.ts'
import type { Clock, StoredSession } from './ports.ts'
import { type Flight, takeOff } from './single-flight.ts'

/** What a session is doing. A refresh ahead of time is `refreshing` too. */
export type SessionState = 'signedOut' | 'active' | 'refreshing'

/** How many past access tokens are remembered, to tell whose operation failed. */
const REMEMBERED_TOKENS = 100

/**
 * The session's state in one tab, and every way it can change; it does nothing else (no storage, no server).
 *
 *     signedOut ──take(a person)──▶ active ──depart()──▶ refreshing
 *         ▲                          ▲ │ ▲                │  │  │
 *         └──────take(nobody)────────┼─┘ └─take(a token)──┘  │  │
 *         ▲                          └──────giveUp()─────────┘  │
 *         └─────────────────────take(nobody)────────────────────┘
 */
export class Machine {
  /** The newest record this tab knows. */
  record: StoredSession = { version: 0, epoch: 0, userId: null }
  /** The newest access token; null when there is none. */
  token: HeldToken | null = null
  /** The refresh under way. */
  flight: Flight | null = null
  /** Counts the sign-ins and sign-outs this tab has seen: waiters and late answers belong to one of them. */
  epoch = 0
  endReason: EndReason | null = null

  readonly events = new Listeners<TimedSessionEvent>()
  readonly states = new Listeners<SessionState>()
  readonly ends = new Listeners<EndReason>()
  /** Called when there is another token, or none. */
  readonly tokens = new Listeners<void>()

  readonly #clock: Clock
  readonly #seen = new Map<string, number>()
  #published: SessionState = 'signedOut'

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get state(): SessionState {
    return this.record.userId === null ? 'signedOut' : this.flight ? 'refreshing' : 'active'
  }

  /** The access token if it is good now. */
  get goodToken(): HeldToken | null {
    return this.token && this.#clock.now() < this.token.goodUntil ? this.token : null
  }

  /** Whether a record is of the present sign-in. Two tabs that sign in at the same moment count the same epoch. */
  isSameSignIn({ epoch, userId }: StoredSession): boolean {
    return epoch === this.record.epoch && userId === this.record.userId
  }

  /** False when `accessToken` is known to be of another sign-in than the present one. */
  isOurs(accessToken: string): boolean {
    return (this.#seen.get(accessToken) ?? this.epoch) === this.epoch
  }

  /**
   * Goes over to a newer record: a sign-in, a sign-out, or new tokens of the same sign-in.
   * @param adopted true when another tab made it.
   * @param reason what to say to the present person if the record is of another sign-in, and it is not plain from it.
   */
  take(record: StoredSession, token: HeldToken | null, adopted = false, reason?: EndReason | null): void {
    const why = reason ?? (record.userId === null ? 'SIGNED_OUT' : 'REPLACED')
    const before = this.record
    const isOther = !this.isSameSignIn(record)
    this.record = record
    if (isOther) {
      this.epoch++
      this.token = null
      if (before.userId !== null) this.endReason = why
      this.#clear()?.reject(new SessionEndedError(why))
    }
    if (token) {
      this.token = token
      this.#remember(token.accessToken)
      if (adopted) this.emit({ type: 'adopted' })
      this.#land(token, adopted)
    }
    this.#publish()
    this.tokens.emit()
    if (!isOther) return
    if (before.userId !== null && before.userId !== record.userId) {
      this.emit({ type: 'ended', reason: why })
      this.ends.emit(why)
    }
    if (record.userId !== null) this.emit({ type: 'signedIn' })
  }

  /** What an operation of a former sign-in fails with. */
  ended(): SessionEndedError {
    return new SessionEndedError(this.endReason ?? 'SIGNED_OUT')
  }

  /** Begins a refresh. */
  depart(cause: RefreshCause): Flight {
    const flight = takeOff(this.#clock.now())
    this.flight = flight
    this.emit({ type: 'refreshStarted', cause })
    this.#publish()
    return flight
  }

  /** Ends a refresh without a result; the session stays. */
  giveUp(flight: Flight, error: unknown): void {
    if (this.flight !== flight) return
    this.flight = null
    this.emit({ type: 'refreshFailed', ...this.#figures(flight) })
    flight.reject(new RefreshFailedError(error))
    this.#publish()
  }

  /** Ends everything in this tab, and says nothing about the session. */
  dispose(): void {
    this.epoch++
    this.token = null
    this.endReason = 'DISPOSED'
    this.#clear()?.reject(this.ended())
    for (const listeners of [this.events, this.states, this.ends]) listeners.clear()
  }

  emit(event: SessionEvent): void {
    this.events.emit({ ...event, at: this.#clock.now() })
  }

  #land(token: HeldToken, adopted: boolean): void {
    const flight = this.#clear()
    if (!flight) return
    this.emit({ type: 'refreshDone', ...this.#figures(flight), adopted })
    flight.resolve(token.accessToken)
  }

  /** Whatever is still done for the refresh under way is not wanted any more. */
  #clear(): Flight | null {
    const { flight } = this
    this.flight = null
    flight?.unwanted.abort()
    return flight
  }

  #figures(flight: Flight): { ms: number; shared: number } {
    return { ms: this.#clock.now() - flight.startedAt, shared: flight.waiting }
  }

  #remember(accessToken: string): void {
    this.#seen.set(accessToken, this.epoch)
    for (const oldest of this.#seen.keys()) if (this.#seen.size > REMEMBERED_TOKENS) this.#seen.delete(oldest)
  }

  #publish(): void {
    if (this.state === this.#published) return
    this.#published = this.state
    this.states.emit(this.state)
  }
}
