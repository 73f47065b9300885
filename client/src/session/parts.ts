import { persistently } from './attempts.ts'
import { type Canceller, canceller } from './cancel.ts'
import { type HeldToken, holdToken, type TokenLife, tokenOf } from './held-token.ts'
import { Machine } from './machine.ts'
import type { Heard, TabMessage } from './messages.ts'
import type { Channel, Clock, Lock, StoredSession, TokenGrant, Transport } from './ports.ts'
import { type RecordStore, recordStore } from './record-store.ts'
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
    this.store = recordStore(options.storage, options.clock, storageCalls.signal)
  }

  hold(token: TokenLife, sentAt: number): HeldToken {
    return holdToken(token, sentAt, this.#aheadRatio, this.random)
  }

  /**
   * The record that follows another: of the same sign-in (0 `epochs` on), of the next one, or with nobody (`grant` is
   * null). Tokens are in it only when scripts have to keep the refresh token anyway (C11); a grant of the same sign-in
   * without one leaves it as it is.
   */
  recordAfter(
    { version, epoch, refreshToken: kept }: StoredSession,
    grant: TokenGrant | null,
    epochs = 1,
  ): StoredSession {
    const next = { version: version + 1, epoch: epoch + epochs, userId: grant?.userId ?? null }
    const refreshToken = grant?.refreshToken ?? (epochs ? null : kept)
    return grant && refreshToken ? { ...next, refreshToken, ...tokenOf(grant) } : next
  }

  /**
   * Goes over to a record that another tab made, with its token, or the one given, or none yet.
   * @param since when the record was not there yet; unknown when absent, and then its token is not trusted.
   */
  adopt(record: StoredSession, since?: number, token: HeldToken | null = null): void {
    const isYoung = record.accessToken && since !== undefined
    this.machine.take(record, isYoung ? this.hold(record as TokenLife, since) : token, true)
  }

  /** Goes over to what is stored, if that is newer. @param since as for `adopt` */
  async catchUp(since?: number): Promise<void> {
    const { machine, store } = this
    const { epoch } = machine
    const stored = await store.read()
    if (stored && machine.epoch === epoch && stored.version > machine.record.version) this.adopt(stored, since)
  }

  /** Stores a sign-in or sign-out of this tab, over whatever is stored, and tells the other tabs (C12). */
  save(): Promise<void> {
    this.saving = this.#save()
    return this.saving
  }

  /** Tells the other tabs what this one knows. */
  announce(): void {
    const { record, token, endReason } = this.machine
    const told = token && { ...token, ageMs: this.clock.now() - token.sentAt }
    this.#post({ type: 'state', record, token: told, why: record.userId === null ? endReason : null })
  }

  /** Asks the other tabs for the token that belongs to the record. @returns false when there is no way to ask. */
  ask(): boolean {
    this.#post({ type: 'ask' })
    return this.channel !== undefined
  }

  /** Hears what another tab says, and nothing of what other code may post under the same name. */
  hear(data: unknown): void {
    const { machine } = this
    const { type, record, token, why } = (data ?? {}) as Heard
    if (type === 'ask' && machine.goodToken) this.announce()
    if (!record) return
    const newer = record.version - machine.record.version
    // C2: the sender may still believe in a token that was refused here.
    const tellsNothing = machine.goodToken || token?.accessToken === machine.token?.accessToken
    if (newer < 0 || (newer === 0 && (tellsNothing || !machine.isSameSignIn(record)))) return
    const held = token && this.hold(token, this.clock.now() - token.ageMs)
    if (newer > 0 || held) machine.take(record, held, true, why)
  }

  /** Ends the session of a grant that nobody wants, at the server. */
  endLate(grant: TokenGrant): void {
    void this.tellSignedOut(grant.refreshToken, grant.accessToken, this.machine.record.userId !== null)
  }

  /** @returns whether the server has heard it. */
  async tellSignedOut(
    refreshToken: string | null = null,
    accessToken: string | null = null,
    keepCookie: boolean,
  ): Promise<boolean> {
    const { transport, calls, machine } = this
    if (this.disposed) return false
    // A call that is tried again after somebody signed in could end their session: the cookie is theirs by then.
    const unwanted = canceller()
    calls.add(unwanted)
    const stop = machine.states.subscribe(() => machine.record.userId !== null && unwanted.abort())
    try {
      await persistently(
        this,
        async (signal) => transport.signOut?.({ refreshToken, accessToken, keepCookie, signal }),
        {
          unwanted: unwanted.signal,
        },
      )
      return true
    } catch {
      return false
    } finally {
      stop()
      calls.delete(unwanted)
    }
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
      // What cannot be read is most likely still what this record followed.
      const version = stored === undefined ? machine.record.version - 1 : (stored?.version ?? 0)
      if (version >= machine.record.version) {
        machine.record = {
          ...machine.record,
          version: version + 1,
          epoch: Math.max((stored?.epoch ?? 0) + 1, machine.record.epoch),
        }
      }
      const written = await store.write(machine.record, version)
      if (machine.epoch !== epoch) return
      if (written) break
    }
    this.announce()
  }
}
