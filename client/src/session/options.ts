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
  /** How long one refresh may take with all its attempts, in milliseconds. @default 10_000 */
  readonly refreshTimeoutMs?: number | undefined
  /** The share of an access token's lifetime, at its end, reserved for renewing it in the background. @default 0.2 */
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

export function withDefaults(options: SessionOptions): Settings {
  const { refreshTimeoutMs = 10_000, refreshAheadRatio = 0.2, random = Math.random } = options
  return { ...options, refreshTimeoutMs, refreshAheadRatio, random }
}
