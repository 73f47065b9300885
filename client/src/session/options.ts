import type { EndOrigin, EndReason } from './errors.ts'
import type { Channel, Clock, Lock, Page, Storage, Transport } from './ports.ts'

/** The parts of a session. The package's own `createSession` provides the browser's ports. */
export interface SessionOptions {
  /** The connection to the server. */
  readonly transport: Transport
  /** Where the session is stored and shared between tabs. */
  readonly storage: Storage
  /** Time and timers. */
  readonly clock: Clock
  /** Without it, every tab refreshes for itself; the server must then have a grace period. */
  readonly lock?: Lock | undefined
  /** Without it, tabs notice each other through the stored record when they next need a token or wake up. */
  readonly channel?: Channel | undefined
  /** Whether the page is visible. Without it, the session assumes that it is. */
  readonly page?: Page | undefined
  /**
   * Called once in each tab when its session ends, whatever the reason. The place to go to the sign-in page.
   * `origin` tells a sign-out in this tab from one in another tab, and from an end by the server.
   */
  readonly onSessionEnded?: ((reason: EndReason, origin: EndOrigin) => void) | undefined
  /** How long one refresh may take with all its attempts, in milliseconds, up to a day. @default 10_000 */
  readonly refreshTimeoutMs?: number | undefined
  /**
   * The share of an access token's lifetime, at its end, reserved for renewing it in the background. With 0, tokens are
   * renewed only when an operation needs one. @default 0.2
   */
  readonly refreshAheadRatio?: number | undefined
  /** Source of jitter, 0 to 1. @default Math.random */
  readonly random?: (() => number) | undefined
}

/** The options with their defaults. */
export interface Settings extends SessionOptions {
  readonly refreshTimeoutMs: number
  readonly refreshAheadRatio: number
  readonly random: () => number
}

/** Platform timers count in 31 bits, so a much longer time would be none at all. */
const MAX_TIMEOUT_MS = 86_400_000

/** @throws RangeError which names the option that has no usable value. */
export function withDefaults(options: SessionOptions): Settings {
  const { refreshTimeoutMs = 10_000, refreshAheadRatio = 0.2, random = Math.random } = options
  const check = (name: string, value: unknown, min: number, max: number): void => {
    if (typeof value === 'number' && value >= min && value <= max) return
    throw new RangeError(`${name} must be a number from ${min} to ${max}, not ${value}.`)
  }
  check('refreshTimeoutMs', refreshTimeoutMs, 1, MAX_TIMEOUT_MS)
  check('refreshAheadRatio', refreshAheadRatio, 0, 1)
  return { ...options, refreshTimeoutMs, refreshAheadRatio, random }
}
