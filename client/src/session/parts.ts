import { persistently } from './attempts.ts'
import { type Canceller, canceller } from './cancel.ts'
import { type HeldToken, holdToken } from './held-token.ts'
import { Machine } from './machine.ts'
import type { TabMessage } from './messages.ts'
import type { Channel, Clock, Lock, SignOutRequest, StoredSession, TokenGrant, Transport } from './ports.ts'
import { RecordStore } from './record-store.ts'
import type { SessionOptions } from './session.ts'

/** How often a sign-in or sign-out is written anew because other tabs write at the same moment. */
const WRITE_ROUNDS = 5

/** What the operations on a session work with: the ports, the machine, and the steps they share. */
export class SessionParts {
  readonly machine: Machine
  readonly store: RecordStore
  readonly transport: Transport
  readonly clock: Clock
  readonly lock: Lock | undefined
  readonly channel: Channel | undefined
  readonly random: () => number
  readonly refreshTimeoutMs: number
  /** What has to be aborted when the session is disposed of: calls to the server and to the storage. */
  readonly calls = new Set<Canceller>()
  /** Settled once the last sign-in or sign-out of this tab is stored. */
  saving: Promise<void> = Promise.resolve()
  disposed = false
  readonly #aheadRatio: number

  constructor(options: SessionOptions) {
    this.transport = options.transport
    this.clock = options.clock
    this.lock = options.lock
    this.channel = options.channel
    this.random = options.random ?? Math.random
    this.refreshTimeoutMs = options.refreshTimeoutMs ?? 10_000
    this.#aheadRatio = options.refreshAheadRatio ?? 0.2
    this.machine = new Machine(options.clock)
    const storageCalls = canceller()
    this.calls.add(storageCalls)
    this.store = new RecordStore(options.storage, options.clock, storageCalls.signal)
  }

  hold(grant: TokenGrant, sentAt: number): HeldToken {
    return this.#holdValue(grant.accessToken, grant.accessTokenExpiresIn * 1_000, sentAt)
  }

  /** The record of a grant. Tokens are in it only when scripts have to keep the refresh token anyway (C11). */
  recordOf(grant: TokenGrant, epoch: number, version: number): StoredSession {
    const { userId, refreshToken, accessToken } = grant
    const kept = refreshToken && { refreshToken, accessToken, lifetimeMs: grant.accessTokenExpiresIn * 1_000 }
    return { epoch, version, userId, ...(kept || {}) }
  }

  /**
   * Goes over to a record that another tab made, with its token, or the one given, or none yet.
   * @param since when the record was not there yet; unknown when absent, and then its token is not trusted.
   */
  adopt(record: StoredSession, since?: number, token?: HeldToken): void {
    const { accessToken, lifetimeMs, userId } = record
    const isYoung = accessToken && lifetimeMs && since !== undefined
    const stored = isYoung ? this.#holdValue(accessToken, lifetimeMs, since) : null
    this.machine.take(record, stored ?? token ?? null, userId === null ? 'SIGNED_OUT' : 'REPLACED', true)
  }

  /** Stores a sign-in or sign-out of this tab, over whatever is stored, and tells the other tabs (C12). */
  save(): void {
    this.saving = this.#save()
  }

  /** Tells the other tabs what this one knows. */
  announce(): void {
    const { record, token, endReason } = this.machine
    const { value, lifetimeMs, sentAt } = token ?? {}
    const sent = value && lifetimeMs && sentAt !== undefined
    this.#post({
      type: 'state',
      record,
      why: endReason ?? 'SIGNED_OUT',
      ...(sent ? { token: { value, lifetimeMs, ageMs: this.clock.now() - sentAt } } : {}),
    })
  }

  /** Asks the other tabs for the token that belongs to the record. @returns false when there is no way to ask. */
  ask(): boolean {
    this.#post({ type: 'ask', version: this.machine.record.version })
    return this.channel !== undefined
  }

  /** Hears what another tab says. */
  hear(message: TabMessage): void {
    const { machine } = this
    if (message.type === 'ask') {
      if (machine.goodToken && machine.record.version >= message.version) this.announce()
      return
    }
    const { record, token, why } = message
    const newer = record.version - machine.record.version
    if (newer < 0 || (newer === 0 && (machine.token || !machine.isSameSignIn(record)))) return
    const held = token ? this.#holdValue(token.value, token.lifetimeMs, this.clock.now() - token.ageMs) : null
    if (newer > 0 || held) machine.take(record, held, record.userId === null ? why : 'REPLACED', true)
  }

  /** Ends the session of a grant that nobody wants, at the server. */
  endLate(grant: TokenGrant): void {
    const { accessToken, refreshToken = null } = grant
    void this.tellSignedOut({ accessToken, refreshToken, keepCookie: this.machine.record.userId !== null })
  }

  /** @returns whether the server has heard it. */
  async tellSignedOut(request: Omit<SignOutRequest, 'signal'>): Promise<boolean> {
    const { transport, clock, random, refreshTimeoutMs: totalMs, calls, machine } = this
    if (!transport.signOut || this.disposed) return !transport.signOut
    // A call that is tried again after somebody signed in could end their session: the cookie is theirs by then.
    const unwanted = canceller()
    calls.add(unwanted)
    const stop = machine.states.subscribe(() => machine.record.userId !== null && unwanted.abort())
    const call: NonNullable<Transport['signOut']> = async (r) => transport.signOut?.(r)
    try {
      await persistently((signal) => call({ ...request, signal }), {
        clock,
        random,
        totalMs,
        calls,
        unwanted: unwanted.signal,
      })
      return true
    } catch {
      return false
    } finally {
      stop()
      calls.delete(unwanted)
    }
  }

  #holdValue(value: string, lifetimeMs: number, sentAt: number): HeldToken {
    return holdToken(value, lifetimeMs, sentAt, this.#aheadRatio, this.random)
  }

  #post(message: TabMessage): void {
    try {
      this.channel?.post(message)
    } catch {
      // A channel that is closed or refuses leaves the stored record as the way to the other tabs.
    }
  }

  async #save(): Promise<void> {
    const { machine, store } = this
    const { epoch } = machine
    for (let round = 0; round < WRITE_ROUNDS; round++) {
      const stored = await store.read()
      if (machine.epoch !== epoch) return
      const version = stored?.version ?? 0
      if (stored && version >= machine.record.version) {
        const newer = { version: version + 1, epoch: Math.max(stored.epoch + 1, machine.record.epoch) }
        machine.record = { ...machine.record, ...newer }
      }
      const written = await store.write(machine.record, stored === undefined ? machine.record.version - 1 : version)
      if (machine.epoch !== epoch) return
      if (written) break
    }
    this.announce()
  }
}
