import { createHash } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import { RateLimitedError } from '../../errors.ts'

/**
 * One attempt to sign in, to register or to confirm a password. A live session and a device that has signed in before have
 * counters of their own, so that the wrong guesses of strangers cannot keep the user out.
 */
export type Attempt =
  | {
      /** The normalised email of the account, whether it exists or not; undefined when registering. */
      readonly email?: string
      /** Null if it is not known. */
      readonly ipAddress: string | null
    }
  /** A sign-in to an account from a device that it has signed in on before. @see DeviceTokens */
  | { readonly deviceAccount: string }
  /** A signed-in user who confirms the password. */
  | { readonly sessionId: string; readonly userId: string }

/** A counter by its key, and how many attempts per minute it admits. */
export interface Counter {
  readonly key: string
  readonly limit: number
}

/** The storage that the limiter requires. */
export interface AttemptStore {
  /**
   * Counts an attempt in both counters, unless the first one is over its limit: then the second one stays as it is, so that
   * a single address cannot keep an account locked, nor a single session a user.
   * @returns null if the attempt is admitted, otherwise the time until the next one can be, in milliseconds.
   */
  count(first: Counter | null, second: Counter | null): Promise<number | null>
}

/** Limits how often a password may be tried. @see PROTOCOL.md S19 */
export interface AttemptLimiter {
  /**
   * Counts an attempt. Call it for each one, before the work it costs, so that concurrent attempts are limited like
   * consecutive ones.
   * @throws RateLimitedError
   * @throws ServiceUnavailableError if the attempt cannot be counted: the limit fails closed.
   */
  admit(attempt: Attempt): Promise<void>
}

/** All sessions of a user together may confirm the password this many times as often as one of them. */
const SESSIONS_PER_USER = 3

/** @param limits attempts per minute; 0 turns a limit off. A device and a session have the limit of an account. */
export function createAttemptLimiter(
  store: AttemptStore,
  limits: { readonly perAccount: number; readonly perAddress: number },
  onLimited: () => void,
): AttemptLimiter {
  function countersOf(attempt: Attempt): [Counter | null, Counter | null] {
    const own = (kind: string, value: string | undefined) => counter(kind, value, limits.perAccount)
    if ('deviceAccount' in attempt) return [null, own('device', attempt.deviceAccount)]
    if ('sessionId' in attempt) {
      const ofUser = counter('user', attempt.userId, SESSIONS_PER_USER * limits.perAccount)
      return [own('session', attempt.sessionId), ofUser]
    }
    const address = counter('address', networkOf(attempt.ipAddress), limits.perAddress)
    return [address, own('account', attempt.email)]
  }

  return {
    async admit(attempt) {
      const [first, second] = countersOf(attempt)
      if (first === null && second === null) return
      const waitMs = await store.count(first, second)
      if (waitMs === null) return
      onLimited()
      throw new RateLimitedError(waitMs)
    },
  }
}

/** The key is a digest, so the table does not reveal who signs in from where. */
function counter(kind: string, value: string | undefined, limit: number): Counter | null {
  if (value === undefined || limit === 0) return null
  return { key: createHash('sha256').update(`${kind}:${value}`).digest('base64url'), limit }
}

/** A household has one IPv4 address but 2⁶⁴ IPv6 addresses, which share one counter. */
export function networkOf(ipAddress: string | null): string {
  if (ipAddress === null || !ipaddr.isValid(ipAddress)) return 'unknown'
  const address = ipaddr.process(ipAddress) // makes IPv4 of an IPv4-mapped IPv6 address
  if (address instanceof ipaddr.IPv4) return address.toString()
  const prefix = address.parts.slice(0, 4).map((part) => part.toString(16))
  return `${prefix.join(':')}::/64`
}
