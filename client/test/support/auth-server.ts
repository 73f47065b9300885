import { type RefreshRequest, SessionEndedError, type TokenGrant, type Transport } from '../../src/session/index.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** How a refresh fails. */
export type Fault =
  /** The connection breaks before the server sees the request. */
  | 'dropped'
  /** The server answers 503 without doing anything. */
  | 'unavailable'
  /** The rotation is committed, but the answer is lost in transit. */
  | 'answerLost'
  /** The request never completes. */
  | 'hangs'
  /** The answer takes 11 s, longer than a refresh may take, and cannot be aborted. */
  | 'late'
  /** The server answers 429 and asks to wait for half a minute. */
  | 'busy'

/** How long a busy server asks to wait, in milliseconds. */
export const BUSY_MS = 30_000

interface Family {
  readonly userId: string
  generation: number
  rotatedAt: number
  revoked: boolean
  busyUntil: number
}

/** A small model of the server: rotation with a grace period, reuse detection, access tokens that expire. */
export class AuthServer {
  readonly clock: VirtualClock
  readonly lifetimeSeconds: number
  readonly graceMs: number
  /** Every refresh call that arrived, including failed ones. */
  refreshCalls = 0
  rotations = 0
  /** Refresh calls for sessions whose client was told to wait. */
  impatientCalls = 0
  /** Rotations whose answer did not reach the client in time, so that it may present a spent token again. */
  lostAnswers = 0
  /** The maximum of simultaneous calls, without those that cannot be aborted. */
  mostAtOnce = 0
  #underWay = 0
  /** Faults of the next refreshes, one each. */
  faults: Fault[] = []
  /** The round-trip time of a refresh, in milliseconds. */
  latencyMs = 100
  /** While true, the server refuses every access token. */
  refusesAll = false
  readonly signOuts: { refreshToken: string | null; accessToken: string | null; keepCookie: boolean }[] = []
  readonly #families = new Map<string, Family>()
  readonly #expiries = new Map<string, { issuedAt: number; at: number; family: Family }>()

  constructor(clock: VirtualClock, { lifetimeSeconds = 60, graceMs = 10_000 } = {}) {
    this.clock = clock
    this.lifetimeSeconds = lifetimeSeconds
    this.graceMs = graceMs
  }

  signIn(userId: string): TokenGrant {
    const id = `${userId}-${this.#families.size + 1}`
    this.#families.set(id, { userId, generation: 0, rotatedAt: this.clock.now(), revoked: false, busyUntil: 0 })
    return this.#issue(id)
  }

  /** Ends all sessions of a user, as a password change elsewhere does. */
  revoke(userId: string): void {
    for (const family of this.#families.values()) if (family.userId === userId) family.revoked = true
  }

  /** Invalidates a user's access tokens early without ending a session, as a role change does (S15). */
  endAccessTokens(userId: string): void {
    for (const entry of this.#expiries.values()) if (entry.family.userId === userId) entry.at = -1
  }

  /** Whether the access token was invalidated early. */
  isEndedEarly(accessToken: string): boolean {
    return this.#expiries.get(accessToken)?.at === -1
  }

  /** A reloaded page does not know that it was told to wait. */
  forgetWaits(): void {
    for (const family of this.#families.values()) family.busyUntil = 0
  }

  isLive(userId: string): boolean {
    return [...this.#families.values()].some((family) => family.userId === userId && !family.revoked)
  }

  /** The user of an access token that the server accepts now, or null. */
  accepts(accessToken: string | null): string | null {
    const entry = this.#expiries.get(accessToken ?? '')
    if (this.refusesAll || !entry || entry.family.revoked || this.clock.now() >= entry.at) return null
    return entry.family.userId
  }

  /** When the access token was issued, by the clock. */
  issuedAt(accessToken: string): number {
    return this.#expiries.get(accessToken)?.issuedAt ?? 0
  }

  /** Why the server refuses the access token. */
  reasonOf(accessToken: string): string {
    return this.isOver(accessToken) ? 'SESSION_REVOKED' : 'TOKEN_EXPIRED'
  }

  /** Whether the session of the access token has ended, for any reason. */
  isOver(accessToken: string): boolean {
    return this.#expiries.get(accessToken)?.family.revoked ?? false
  }

  transport(): Transport {
    return {
      refresh: (request) => this.#refresh(request),
      signOut: async ({ refreshToken, accessToken, keepCookie }) => {
        this.signOuts.push({ refreshToken, accessToken, keepCookie })
        const families = [this.#familyOf(refreshToken), this.#expiries.get(accessToken ?? '')?.family]
        for (const family of families) if (family) family.revoked = true
      },
    }
  }

  #familyOf(refreshToken: string | null): Family | undefined {
    return this.#families.get(refreshToken?.split('.')[0] ?? '')
  }

  async #refresh({ refreshToken, signal }: RefreshRequest): Promise<TokenGrant> {
    this.refreshCalls++
    if (this.clock.now() < (this.#familyOf(refreshToken)?.busyUntil ?? 0)) this.impatientCalls++
    const fault = this.faults.shift()
    if (fault === 'late') return this.#answerLate(refreshToken)
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay)
    try {
      return await this.#answer(fault, refreshToken, signal)
    } finally {
      this.#underWay--
    }
  }

  async #answerLate(refreshToken: string | null): Promise<TokenGrant> {
    const { rotations } = this
    const grant = this.#rotate(refreshToken)
    this.lostAnswers += this.rotations - rotations
    await new Promise<void>((resolve) => this.clock.setTimer(resolve, 11_000))
    return grant
  }

  async #answer(fault: Fault | undefined, refreshToken: string | null, signal: AbortSignal): Promise<TokenGrant> {
    if (fault === 'dropped') throw new TypeError('fetch failed')
    await this.#travel(signal, fault === 'hangs' ? undefined : this.latencyMs / 2)
    if (fault === 'unavailable') throw new Error('503')
    if (fault === 'busy') {
      const family = this.#familyOf(refreshToken)
      if (family) family.busyUntil = this.clock.now() + BUSY_MS
      throw Object.assign(new Error('429'), { retryAfterMs: BUSY_MS })
    }
    const { rotations } = this
    const grant = this.#rotate(refreshToken)
    const lost = this.rotations - rotations
    this.lostAnswers += lost
    if (fault === 'answerLost') throw new TypeError('terminated')
    await this.#travel(signal, this.latencyMs / 2)
    this.lostAnswers -= lost
    return grant
  }

  #travel(signal: AbortSignal, ms: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = ms === undefined ? () => {} : this.clock.setTimer(resolve, ms)
      signal.addEventListener('abort', () => {
        cancel()
        reject(signal.reason)
      })
    })
  }

  #rotate(refreshToken: string | null): TokenGrant {
    const [id = '', presented] = refreshToken?.split('.') ?? []
    const family = this.#families.get(id)
    if (!family) throw new SessionEndedError('REFRESH_TOKEN_INVALID')
    if (family.revoked) throw new SessionEndedError('SESSION_REVOKED')
    const behind = family.generation - Number(presented)
    const inGrace = behind === 1 && this.clock.now() < family.rotatedAt + this.graceMs
    if (behind !== 0 && !inGrace) {
      family.revoked = true
      throw new SessionEndedError('REFRESH_TOKEN_REUSED')
    }
    if (behind === 0) {
      family.generation++
      family.rotatedAt = this.clock.now()
      this.rotations++
    }
    return this.#issue(id)
  }

  #issue(id: string): TokenGrant {
    const family = this.#families.get(id) as Family
    const accessToken = `access-${id}.${family.generation}.${this.#expiries.size}`
    const issuedAt = this.clock.now()
    this.#expiries.set(accessToken, { issuedAt, at: issuedAt + this.lifetimeSeconds * 1_000, family })
    return {
      accessToken,
      accessTokenExpiresIn: this.lifetimeSeconds,
      refreshToken: `${id}.${family.generation}`,
      userId: family.userId,
    }
  }
}
