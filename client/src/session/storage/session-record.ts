import type { Clock, StoredSession } from '../ports.ts'
import { type IssuedToken, usableLifetime } from '../tokens/access-token.ts'
import type { Grant } from '../tokens/token-grant.ts'

/**
 * The next version or epoch: the wall-clock time in milliseconds, or one more than `count` if that is greater. Records stay
 * comparable this way even if the previous one was not known, because the storage did not answer.
 */
const following = (count: number, { wallTime }: Clock): number => Math.max(count + 1, wallTime?.() ?? 0)

/** The epoch of the sign-in or sign-out that follows `previous`. */
export const nextEpoch = ({ epoch }: StoredSession, clock: Clock): number => following(epoch, clock)

/** The record that follows `previous` after a sign-out. */
export const recordOfSignOut = (previous: StoredSession, clock: Clock): StoredSession => ({
  version: following(previous.version, clock),
  epoch: nextEpoch(previous, clock),
  userId: null,
})

/** The record that follows `previous` after a sign-in. */
export const recordOfSignIn = (
  previous: StoredSession,
  { grant, token, clock }: { readonly grant: Grant; readonly token: IssuedToken; readonly clock: Clock },
): StoredSession => withTokens({ ...recordOfSignOut(previous, clock), userId: grant.userId }, token, grant.refreshToken)

/** The record that follows `previous` after a refresh. A grant without a refresh token leaves the current one in use. */
export const recordOfRefresh = (previous: StoredSession, grant: Grant, token: IssuedToken): StoredSession =>
  withTokens(
    { version: previous.version + 1, epoch: previous.epoch, userId: grant.userId },
    token,
    grant.refreshToken ?? previous.refreshToken,
  )

/** C11: tokens are stored only if scripts have to keep the refresh token anyway. */
const withTokens = (
  record: StoredSession,
  { accessToken, lifetimeMs, issuedAt }: IssuedToken,
  refreshToken: string | null | undefined,
): StoredSession => (refreshToken ? { ...record, refreshToken, accessToken, lifetimeMs, issuedAt } : record)

/**
 * The access token of a stored record, if its age is known.
 * @param since a time at which the record was not stored yet; without one the token may be of any age.
 */
export const storedToken = ({ accessToken, ...stored }: StoredSession, since?: number): IssuedToken | null =>
  accessToken && since !== undefined
    ? { accessToken, lifetimeMs: usableLifetime(stored.lifetimeMs), issuedAt: stored.issuedAt, sentAt: since }
    : null
