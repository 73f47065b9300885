import type { TokenGrant } from './ports.ts'

/** An access token and its whole lifetime in milliseconds, as stored and as sent between tabs. */
export interface TokenLife {
  readonly accessToken: string
  readonly lifetimeMs: number
}

/** An access token whose age is known. */
export interface IssuedToken extends TokenLife {
  /** When it was requested, by the session's clock, in milliseconds. */
  readonly sentAt: number
}

/**
 * An access token in memory. Its lifetime counts on the monotonic clock from when it was requested. The server's clock
 * started later, so the token always ends first by ours.
 * @see PROTOCOL.md C7
 */
export interface HeldToken extends IssuedToken {
  /** From here on a new one is fetched in the background. */
  readonly renewAt: number
  /** From here on operations wait for a new one; 0 once the server has refused it. */
  readonly goodUntil: number
  /** Whether an operation has asked for it: an unused page renews nothing. */
  readonly isUsed: boolean
}

/** JWTs count in whole seconds, so the last second of a lifetime may be missing. */
const ROUNDING_MS = 1_000
/** The shortest pause between two renewals ahead of time of one token. */
const MIN_RENEWAL_PAUSE_MS = 1_000

/** The access token in a grant. */
export const tokenOf = ({ accessToken, accessTokenExpiresIn }: TokenGrant): TokenLife => ({
  accessToken,
  lifetimeMs: accessTokenExpiresIn * 1_000,
})

/**
 * @param aheadRatio the share of the lifetime, at its end, that is reserved for renewal; half of it is jitter, so that
 * tabs and devices do not renew at the same moment.
 */
export function holdToken(
  { accessToken, lifetimeMs, sentAt }: IssuedToken,
  aheadRatio: number,
  random: () => number,
): HeldToken {
  const goodForMs = lifetimeMs - Math.min(ROUNDING_MS, lifetimeMs / 2)
  const renewAfterMs = goodForMs * (1 - aheadRatio * (0.5 + random() / 2))
  return {
    accessToken,
    lifetimeMs,
    sentAt,
    renewAt: sentAt + renewAfterMs,
    goodUntil: sentAt + goodForMs,
    isUsed: false,
  }
}

/** The token after a failed renewal ahead of time: the next one is due when half of the remaining time has passed. */
export const postponeRenewal = (token: HeldToken, now: number, retryAfterMs = 0): HeldToken => ({
  ...token,
  renewAt: now + Math.max(MIN_RENEWAL_PAUSE_MS, retryAfterMs, (token.goodUntil - now) / 2),
})
