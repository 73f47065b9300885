import type { TokenGrant } from './ports.ts'

/** An access token and its whole life in milliseconds, as it is stored and as tabs tell each other. */
export interface TokenLife {
  readonly accessToken: string
  readonly lifetimeMs: number
}

/** The token that a server gave. */
export const tokenOf = ({ accessToken, accessTokenExpiresIn }: TokenGrant): TokenLife => ({
  accessToken,
  lifetimeMs: accessTokenExpiresIn * 1_000,
})

/**
 * An access token in memory. Its life counts on the monotonic clock from when it was asked for: the server's clock
 * started later, so by ours it always ends first.
 * @see PROTOCOL.md C7
 */
export interface HeldToken extends TokenLife {
  /** When it was asked for, by the session's clock, in milliseconds. */
  readonly sentAt: number
  /** From here on a new one is fetched in the background. */
  renewAt: number
  /** From here on operations wait for a new one; 0 once the server has refused it. */
  goodUntil: number
  /** Whether an operation has asked for it: a page that lies unused renews nothing. */
  used: boolean
}

/** JWTs count in whole seconds, so the last second of a life may not be there. */
const ROUNDING_MS = 1_000

/**
 * @param aheadRatio which part of the life, at its end, is for renewal; half of it is jitter, so that tabs and
 * devices do not renew at the same moment.
 */
export function holdToken(
  { accessToken, lifetimeMs }: TokenLife,
  sentAt: number,
  aheadRatio: number,
  random: () => number,
): HeldToken {
  const goodForMs = lifetimeMs - Math.min(ROUNDING_MS, lifetimeMs / 2)
  const renewAfterMs = goodForMs * (1 - aheadRatio * (0.5 + random() / 2))
  return { accessToken, lifetimeMs, sentAt, renewAt: sentAt + renewAfterMs, goodUntil: sentAt + goodForMs, used: false }
}
