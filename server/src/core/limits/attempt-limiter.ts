import { createHash } from 'node:crypto'
import { RateLimitedError } from '../../errors.ts'

/** Who tries: the e-mail in its one form, whether such an account exists or not, and from where. */
export interface Attempt {
  /** Undefined for a sign-up, which is no attempt on an account. */
  email?: string
  /** Undefined for who is signed in already; null when it is not known. */
  ipAddress?: string | null
  /** How many at once; 1 when not given. */
  times?: number
}

/** A counter by its key, and how many attempts a minute it admits. */
export interface Counter {
  key: string
  limit: number
}

/** What the core asks of storage about attempts. */
export interface AttemptStore {
  /**
   * Counts attempts in both counters; those of an address that was at its limit before are not counted against the account, so that a
   * single place cannot keep an account shut. Null: admitted; else how many milliseconds until the next can be.
   */
  count(counters: { address: Counter | null; account: Counter | null; times: number }): Promise<number | null>
}

/** Bounds how often somebody may try a password. @see PROTOCOL.md S19 */
export interface AttemptLimiter {
  /**
   * Counts an attempt. To be called for each, before the work it costs: then a hundred at once admit no more than a hundred
   * one after another.
   * @throws RateLimitedError; ServiceUnavailableError when it cannot be counted, as a limit that fails open is none.
   */
  admit(attempt: Attempt): Promise<void>
}

/** Limits are attempts a minute; 0 turns one off. */
export function createAttemptLimiter(
  store: AttemptStore,
  limits: { perAccount: number; perAddress: number },
  onLimited: (count: number) => void,
): AttemptLimiter {
  return {
    async admit({ email, ipAddress, times = 1 }) {
      const address = counter('address', networkOf(ipAddress), limits.perAddress)
      const account = counter('account', email, limits.perAccount)
      if (address === null && account === null) return
      const waitMs = await store.count({ address, account, times })
      if (waitMs === null) return
      onLimited(times)
      throw new RateLimitedError(waitMs)
    },
  }
}

/** The key is a digest: the table tells nobody who signs in from where. */
function counter(kind: string, value: string | undefined, limit: number): Counter | null {
  if (value === undefined || limit === 0) return null
  return { key: createHash('sha256').update(`${kind}:${value}`).digest('base64url'), limit }
}

/** One household has one IPv4 address, but 2⁶⁴ of IPv6: those count as one. */
export function networkOf(ipAddress: string | null | undefined): string | undefined {
  if (ipAddress === undefined) return undefined
  if (ipAddress === null) return 'unknown'
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ipAddress)?.[1]
  if (mapped !== undefined || !ipAddress.includes(':')) return mapped ?? ipAddress
  const [front = [], back] = ipAddress.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const filled = back === undefined ? front : [...front, ...Array(8 - front.length - back.length).fill('0'), ...back]
  const network = filled.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
