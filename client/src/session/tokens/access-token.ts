import type { Settings } from '../options.ts'
import type { Clock, StoredSession } from '../ports.ts'
import { warnOnce } from '../warn.ts'
import type { Grant } from './token-grant.ts'

/** An access token and its age, as sent between tabs. */
export interface IssuedToken {
  readonly accessToken: string
  /** Its whole lifetime in milliseconds; `Infinity` when the server named none: it is good until it is refused. */
  readonly lifetimeMs: number
  /** When it was requested, by the device's wall clock. A hint: that clock may be wrong, or missing. */
  readonly issuedAt?: number | undefined
  /** When it was requested, by the session's clock, in milliseconds. */
  readonly sentAt: number
  /** Whether `sentAt` comes from the wall clock, so that the token may be older. */
  readonly isEstimate?: boolean | undefined
  /** How many tokens in a row, right before this one, were refused early in their lives, in any tab. */
  readonly refusals?: number | undefined
}

/**
 * An access token in memory. Its lifetime counts on the monotonic clock from when it was requested. The server's clock
 * started later, so the token always ends first by ours.
 * @see PROTOCOL.md C7
 */
export interface HeldToken extends IssuedToken {
  /** From here on a new one is fetched in the background; `Infinity` for never. */
  readonly renewAt: number
  /** From here on operations wait for a new one; 0 once the server has refused it. */
  readonly goodUntil: number
  /** Whether an operation has asked for it: an unused page renews nothing. */
  readonly isUsed: boolean
  readonly refusals: number
  /** `refusals` of the token that will follow this one. */
  readonly nextRefusals: number
}

/** JWTs count in whole seconds, so the last second of a lifetime may be missing. */
const ROUNDING_MS = 1_000
/** The shortest pause between two renewals ahead of time of one token. */
const MIN_RENEWAL_PAUSE_MS = 1_000

/** A lifetime as a server or a JSON storage reports it: `Infinity` unless it is a positive number. */
export function usableLifetime(lifetime: unknown): number {
  const isNumeric = typeof lifetime === 'number' || typeof lifetime === 'string'
  return isNumeric && Number(lifetime) > 0 ? Number(lifetime) : Number.POSITIVE_INFINITY
}

/** The access token in a grant that was requested at `sentAt`, by the session's clock. */
export function tokenOf({ accessToken, accessTokenExpiresIn }: Grant, sentAt: number, settings: Settings): IssuedToken {
  const { clock } = settings
  const lifetimeMs = usableLifetime(accessTokenExpiresIn) * 1_000
  // A transport may return `Infinity` on purpose.
  if (lifetimeMs === Number.POSITIVE_INFINITY && accessTokenExpiresIn !== lifetimeMs) {
    warnOnce(
      settings,
      'accessTokenExpiresIn is not a positive number of seconds. The access token is used until the server refuses it; let ' +
        'the server or the transport name its lifetime.',
    )
  }
  const issuedAt = clock.wallTime && clock.wallTime() - (clock.now() - sentAt)
  return { accessToken, lifetimeMs, issuedAt, sentAt }
}

/**
 * The access token of a stored record if it is still good by the wall clock, which is all that is known of its age after a
 * reload. If that clock is wrong, the server refuses the token, and the refusal starts a refresh.
 */
export function tokenByWallClock(stored: StoredSession, clock: Clock): IssuedToken | null {
  const { accessToken, issuedAt = Number.NaN } = stored
  const lifetimeMs = usableLifetime(stored.lifetimeMs)
  const ageMs = (clock.wallTime?.() ?? Number.NaN) - issuedAt
  const isGood = ageMs >= 0 && ageMs < goodForMs(lifetimeMs)
  return accessToken && isGood
    ? { accessToken, lifetimeMs, issuedAt, sentAt: clock.now() - ageMs, isEstimate: true }
    : null
}

/** How old a token is at least; `Infinity` when that is unknown. A monotonic clock may stop while the device sleeps. */
export const ageOf = ({ isEstimate, sentAt, issuedAt = Number.NaN }: IssuedToken, clock: Clock): number =>
  isEstimate
    ? Number.POSITIVE_INFINITY
    : Math.max(clock.now() - sentAt, (clock.wallTime?.() ?? Number.NaN) - issuedAt || 0)

const goodForMs = (lifetimeMs: number): number => lifetimeMs - Math.min(ROUNDING_MS, lifetimeMs / 2)

/**
 * @param aheadRatio the share of the lifetime, at its end, that is reserved for renewal; half of it is jitter, so that
 * tabs and devices do not renew at the same moment. 0: the token is not renewed ahead of time.
 */
export function holdToken(
  issued: IssuedToken,
  { random, refreshAheadRatio }: Pick<Settings, 'random' | 'refreshAheadRatio'>,
  refusals: number,
): HeldToken {
  const goodUntil = issued.sentAt + goodForMs(issued.lifetimeMs)
  const aheadMs = (goodUntil - issued.sentAt) * refreshAheadRatio * (0.5 + random() / 2)
  const isRenewed = refreshAheadRatio > 0 && goodUntil < Number.POSITIVE_INFINITY
  return {
    ...issued,
    renewAt: isRenewed ? goodUntil - aheadMs : Number.POSITIVE_INFINITY,
    goodUntil,
    isUsed: false,
    refusals,
    nextRefusals: 0,
  }
}

/** The token after a failed renewal ahead of time: the next one is due when half of the remaining time has passed. */
export const postponeRenewal = (token: HeldToken, now: number): HeldToken => ({
  ...token,
  renewAt: now + Math.max(MIN_RENEWAL_PAUSE_MS, (token.goodUntil - now) / 2),
})
