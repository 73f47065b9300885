import { BadUserInputError, InvalidCredentialsError, RefreshRefusedError, UnauthenticatedError } from '../../errors.ts'
import type { NewUser } from '../accounts/user-store.ts'
import type { AccessClaims, Device, Origin, Session, User } from '../model.ts'
import type { SessionObserver } from '../observer.ts'
import type { AccessCheck } from '../revocation/access-check.ts'
import type { RevocationList } from '../revocation/revocation-list.ts'
import type { AccessTokens } from '../tokens/access-token.ts'
import type { RefreshClaims, RefreshTokens } from '../tokens/refresh-token.ts'
import type { LastSeen } from './last-seen.ts'
import { requireContinued } from './rotation.ts'
import type { Presentation, RotationAnswer, SessionStore } from './session-store.ts'

/** A user whose identity a sign-in method has just verified. */
export interface VerifiedUser extends User {
  /** The version of the credentials that were verified. @see PROTOCOL.md S14 */
  readonly credentialVersion: number
}

/** A session that was opened or refreshed, with its tokens. Lifetimes are in whole seconds from now. */
export interface IssuedTokens {
  readonly user: User
  readonly session: Session
  readonly accessToken: string
  readonly accessTokenExpiresIn: number
  readonly refreshToken: string
  readonly refreshTokenExpiresIn: number
}

/**
 * A refresh token that a client has sent; or the values of all cookies with its name, which other deployments on this host
 * may have set. A cookie that is not ours counts as missing.
 * @see PROTOCOL.md S11, S14, S18
 */
export type PresentedToken = string | readonly string[]

/** The use cases of a session: open, refresh, authenticate, end. Every sign-in method opens its sessions here. */
export interface SessionService {
  /**
   * Opens a session for a user whom a sign-in method has verified.
   * @throws InvalidCredentialsError when the user's credentials have changed since they were verified.
   * @see PROTOCOL.md S13, S14
   */
  open(user: VerifiedUser, device: Device, origin: Origin): Promise<IssuedTokens>

  /**
   * Creates an account and opens its first session, both or neither, so that a sign-up that fails can be repeated.
   * @throws ConflictError when the email or the username is taken.
   * @see PROTOCOL.md S1
   */
  register(account: NewUser, device: Device, origin: Origin): Promise<IssuedTokens>

  /**
   * Exchanges a refresh token for its successor. A repeated call within the grace period returns the same successor.
   * @throws RefreshRefusedError when the session cannot continue; on REFRESH_TOKEN_REUSED the session has been revoked.
   * @throws BadUserInputError when no token is given, or none of the cookies is ours.
   * @throws RateLimitedError
   * @see PROTOCOL.md S5–S11
   */
  refresh(presented: PresentedToken, origin: Origin): Promise<IssuedTokens>

  /** Ends a session; does nothing when it has already ended. @see PROTOCOL.md S14 */
  signOut(sessionId: string): Promise<void>

  /** The id of the session that a refresh token belongs to; null when the token is not ours. */
  sessionOf(presented: PresentedToken): string | null

  /**
   * Verifies an access token, and that its session has not ended and its rights are current.
   * @throws UnauthenticatedError with the reason.
   * @see PROTOCOL.md S4, S15
   */
  authenticate(accessToken: string): Promise<AccessClaims>

  /**
   * Checks again whether the session has ended or the user's rights have changed: for long-lived connections, and before
   * an operation that changes something (`isSensitive`).
   * @throws UnauthenticatedError with the reason.
   * @see PROTOCOL.md S15, S17
   */
  recheck(claims: AccessClaims, isSensitive?: boolean): Promise<void>
}

/** How long sessions live and how often they may refresh. Durations are in milliseconds. @see PROTOCOL.md S7, S12, S19 */
export interface SessionPolicy {
  /** `sliding`: each rotation extends the expiry; `fixed`: the expiry stays that of the sign-in; `static`: no rotation. */
  readonly refreshTokenMode: 'sliding' | 'fixed' | 'static'
  readonly refreshTokenTtlMs: number
  /** Null: no absolute lifetime. */
  readonly sessionAbsoluteTtlMs: number | null
  readonly refreshGracePeriodMs: number
  /** 0: no limit. */
  readonly maxRefreshesPerMinutePerSession: number
  /** 0: no limit. */
  readonly maxSessionsPerUser: number
}

export function createSessionService(deps: {
  readonly sessions: SessionStore
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly policy: SessionPolicy
  /** Sessions that this instance ends are refused here at once, without waiting for the database's notification. */
  readonly revocations: RevocationList
  readonly checkAccess: AccessCheck
  readonly lastSeen: LastSeen
  readonly observer: SessionObserver
}): SessionService {
  const { sessions, accessTokens, refreshTokens, policy, revocations, observer } = deps
  const lifetimes = { refreshTtlMs: policy.refreshTokenTtlMs, absoluteTtlMs: policy.sessionAbsoluteTtlMs }

  function issue(user: User, session: Session, now: Date): IssuedTokens {
    const refreshTokenExpiresIn = Math.max(0, Math.floor((session.expiresAt.getTime() - now.getTime()) / 1000))
    return {
      user,
      session,
      accessToken: accessTokens.sign(user, session, now),
      accessTokenExpiresIn: Math.min(accessTokens.ttlSeconds, refreshTokenExpiresIn),
      refreshToken: refreshTokens.derive(session),
      refreshTokenExpiresIn,
    }
  }

  const claimsOf = (presented: PresentedToken) => refreshTokens.verify([presented].flat())

  /** @throws RefreshRefusedError, BadUserInputError */
  function requireOwn(presented: PresentedToken): RefreshClaims {
    if (presented.length === 0) {
      throw new BadUserInputError('Send a refresh token, as an argument or as a cookie.', 'refreshToken')
    }
    const claims = claimsOf(presented)
    if (claims !== undefined) return claims
    const isCookie = typeof presented !== 'string'
    observer.refreshed(isCookie ? 'foreign' : 'invalid')
    if (!isCookie) throw new RefreshRefusedError('REFRESH_TOKEN_INVALID')
    throw new BadUserInputError(
      'This server did not issue the refresh token in the cookie. If another deployment runs on this host, give each its own COOKIE_NAME.',
      'refreshToken',
    )
  }

  async function rotate(presentation: Presentation, seemsExpired: boolean): Promise<RotationAnswer> {
    try {
      const stored = await sessions.rotate(presentation)
      // Housekeeping deletes sessions after all their tokens have expired.
      const answer = stored.outcome === 'unknown' && seemsExpired ? ({ outcome: 'expired' } as const) : stored
      observer.refreshed(answer.outcome)
      return answer
    } catch (error) {
      observer.refreshed('failed')
      throw error
    }
  }

  async function recheck(claims: AccessClaims, isSensitive = false): Promise<void> {
    const refusal = await deps.checkAccess(claims, isSensitive)
    if (refusal !== null) throw new UnauthenticatedError(refusal)
  }

  return {
    async open(user, device, origin) {
      const opened = await sessions.open({
        userId: user.id,
        credentialVersion: user.credentialVersion,
        maxSessions: policy.maxSessionsPerUser,
        ...lifetimes,
        ...device,
        ...origin,
      })
      // A sign-in with the old password must not succeed after the password has been changed.
      if (opened === null) throw new InvalidCredentialsError()
      opened.ended.forEach(revocations.sessionEnded)
      return issue(user, opened.session, opened.now)
    },

    async register(account, device, origin) {
      const { user, session, now } = await sessions.register(account, { ...lifetimes, ...device, ...origin })
      return issue(user, session, now)
    },

    async refresh(presented, origin) {
      const { sessionId, generation, expiresAt: tokenExpiresAt, seemsExpired } = requireOwn(presented)
      const presentation: Presentation = {
        ...{ sessionId, generation, tokenExpiresAt },
        gracePeriodMs: policy.refreshGracePeriodMs,
        rotates: policy.refreshTokenMode !== 'static',
        extendsByMs: policy.refreshTokenMode === 'sliding' ? policy.refreshTokenTtlMs : null,
        refreshesPerMinute: policy.maxRefreshesPerMinutePerSession,
        ...origin,
      }
      const answer = await rotate(presentation, seemsExpired)
      if (answer.outcome === 'reused') revocations.sessionEnded(sessionId)
      const { user, session, now } = requireContinued(answer)
      return issue(user, session, now)
    },

    async signOut(sessionId) {
      const ended = await sessions.revoke({ sessionId, reason: 'SIGNED_OUT', by: null })
      ended.forEach(revocations.sessionEnded)
    },

    sessionOf: (presented) => claimsOf(presented)?.sessionId ?? null,

    async authenticate(accessToken) {
      const claims = accessTokens.verify(accessToken)
      await recheck(claims)
      deps.lastSeen.note(claims.sessionId)
      return claims
    },

    recheck,
  }
}
