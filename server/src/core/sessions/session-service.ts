import {
  BadUserInputError,
  InvalidCredentialsError,
  RateLimitedError,
  RefreshRefusedError,
  UnauthenticatedError,
} from '../../errors.ts'
import { readDevice, readEmail, readNewPassword, readPassword, readUsername } from '../accounts/user-input.ts'
import type { UserCredentials, UserStore } from '../accounts/user-store.ts'
import type { SecurityEventStore } from '../events/security-event-store.ts'
import type { AttemptLimiter } from '../limits/attempt-limiter.ts'
import type { AccessClaims, AccessRefusal, Device, Origin, Role, Session, User } from '../model.ts'
import { observed, type SessionObserver } from '../observer.ts'
import type { PasswordHasher } from '../password/password-hasher.ts'
import type { RevocationList } from '../revocation/revocation-list.ts'
import type { AccessTokens } from '../tokens/access-token.ts'
import type { RefreshClaims, RefreshTokens } from '../tokens/refresh-token.ts'
import type { LastSeen } from './last-seen.ts'
import { requireContinued } from './rotation.ts'
import type { DeviceInput, Presentation, RotationAnswer, SessionStore } from './session-store.ts'

/** `sliding`: each rotation moves the expiry; `fixed`: it stays that of the sign-in; `static`: no rotation. */
export type RefreshTokenMode = 'sliding' | 'fixed' | 'static'

/** How sessions live. Durations in milliseconds. @see PROTOCOL.md S7, S12, S19 */
export interface SessionPolicy {
  refreshTokenMode: RefreshTokenMode
  refreshTtlMs: number
  /** Null: no absolute end. */
  absoluteTtlMs: number | null
  gracePeriodMs: number
  refreshesPerMinute: number
  /** 0: no limit. */
  maxSessions: number
}

/** A session that was opened or went on, with its tokens. Lifetimes in whole seconds from now. */
export interface IssuedTokens {
  user: User
  session: Session
  accessToken: string
  accessTokenExpiresIn: number
  refreshToken: string
  refreshTokenExpiresIn: number
}

export interface SignInInput extends DeviceInput {
  email: string
  password: string
}

export interface SignUpInput extends SignInInput {
  username: string
}

export interface SessionServiceDeps {
  users: UserStore
  sessions: SessionStore
  passwords: PasswordHasher
  attempts: AttemptLimiter
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
  policy: SessionPolicy
  /** This instance hears of what it ended itself at once, not only when the database tells everyone. */
  revocations: RevocationList
  checkAccess: (claims: AccessClaims) => Promise<AccessRefusal | null>
  lastSeen: LastSeen
  events: SecurityEventStore
  observer: SessionObserver
  /** Told of what failed beside an answer that did not need it. */
  onError: (error: unknown) => void
}

export type SessionService = ReturnType<typeof createSessionService>

/** The use cases of a session: open it, go on with it, end it. */
export function createSessionService(deps: SessionServiceDeps) {
  const { users, sessions, passwords, attempts, accessTokens, refreshTokens, policy, revocations, observer } = deps

  function issue(user: User, session: Session, now: Date): IssuedTokens {
    const refreshTokenExpiresIn = Math.max(0, Math.floor((session.expiresAt.getTime() - now.getTime()) / 1000))
    return {
      user,
      session,
      accessToken: accessTokens.sign({
        user,
        sessionId: session.id,
        generation: session.generation,
        nowMs: now.getTime(),
        sessionEndsMs: session.expiresAt.getTime(),
      }),
      accessTokenExpiresIn: Math.min(accessTokens.ttlSeconds, refreshTokenExpiresIn),
      refreshToken: refreshTokens.derive(session),
      refreshTokenExpiresIn,
    }
  }

  async function open(user: UserCredentials, device: Device, origin: Origin): Promise<IssuedTokens> {
    const opened = await sessions.open({
      userId: user.id,
      credentialVersion: user.credentialVersion,
      refreshTtlMs: policy.refreshTtlMs,
      absoluteTtlMs: policy.absoluteTtlMs,
      maxSessions: policy.maxSessions,
      ...device,
      ...origin,
    })
    // The password was changed while we checked the old one: the sign-in must not slip in after it.
    if (opened === null) throw new InvalidCredentialsError()
    opened.ended.forEach(revocations.sessionEnded)
    return issue(user, opened.session, opened.now)
  }

  /** Not waited for: the answer to a wrong password must not take longer than that to an unknown e-mail. */
  function noteFailedSignIn(user: UserCredentials | null, origin: Origin): void {
    if (user === null) return
    deps.events.record({ userId: user.id, type: 'SIGN_IN_FAILED', ...origin }).catch(deps.onError)
  }

  /** @throws RefreshRefusedError */
  function verifyRefreshToken(token: string): RefreshClaims {
    try {
      return refreshTokens.verify(token)
    } catch (error) {
      const isExpired = error instanceof RefreshRefusedError && error.details.reason === 'REFRESH_TOKEN_EXPIRED'
      observer.refreshed(isExpired ? 'expired' : 'invalid')
      throw error
    }
  }

  async function rotate(presentation: Presentation): Promise<RotationAnswer> {
    try {
      const answer = await sessions.rotate(presentation)
      observer.refreshed(answer.outcome)
      return answer
    } catch (error) {
      observer.refreshed('failed')
      throw error
    }
  }

  return {
    /**
     * Makes an account and signs it in.
     * @throws BadUserInputError, ConflictError, RateLimitedError
     */
    signUp(input: SignUpInput, origin: Origin): Promise<IssuedTokens> {
      return observed(observer.signedUp, async () => {
        const device = readDevice(input)
        await attempts.admit({ ipAddress: origin.ipAddress })
        const user = await this.createUser(input, 'USER')
        return open(user, device, origin)
      })
    },

    /**
     * Makes an account without signing it in.
     * @throws BadUserInputError, ConflictError
     */
    async createUser(input: SignUpInput, role: Role): Promise<UserCredentials> {
      const username = readUsername(input.username)
      const email = readEmail(input.email)
      const passwordHash = await passwords.hash(readNewPassword(input.password))
      return users.create({ username, email, passwordHash, role })
    },

    /**
     * Opens a session. A wrong e-mail costs the same work and gets the same answer as a wrong password.
     * @throws InvalidCredentialsError, BadUserInputError, RateLimitedError
     * @see PROTOCOL.md S1, S19
     */
    signIn(input: SignInInput, origin: Origin): Promise<IssuedTokens> {
      return observed(observer.signedIn, async () => {
        const device = readDevice(input)
        const password = readPassword(input.password)
        const email = readEmail(input.email)
        await attempts.admit({ email, ipAddress: origin.ipAddress })
        const user = await users.findByEmail(email)
        const check = await passwords.verify(password, user?.passwordHash ?? null)
        if (user === null || !check.matches) {
          noteFailedSignIn(user, origin)
          throw new InvalidCredentialsError()
        }
        if (check.needsRehash) {
          await users.rehashPassword(user.id, user.credentialVersion, await passwords.hash(password))
        }
        return open(user, device, origin)
      })
    },

    /**
     * Counts attempts that were asked for and never made: each by the e-mail it was for, null for a sign-up. What is over a
     * limit stays counted and is no error here.
     * @see PROTOCOL.md S19
     */
    async countUntried(emails: readonly (string | null)[], { ipAddress }: Origin): Promise<void> {
      for (const email of new Set(emails)) {
        const times = emails.filter((one) => one === email).length
        try {
          await attempts.admit({ ...(email !== null && { email }), ipAddress, times })
        } catch (error) {
          if (!(error instanceof RateLimitedError)) throw error
        }
      }
    },

    /**
     * Exchanges a refresh token for its successor; a repeated call inside the grace period gets the same one.
     * @throws RefreshRefusedError when the session cannot go on; after REFRESH_TOKEN_REUSED it is revoked.
     * @throws BadUserInputError when no token is given; RateLimitedError
     * @see PROTOCOL.md S5–S11
     */
    async refresh(refreshToken: string | null, origin: Origin): Promise<IssuedTokens> {
      if (refreshToken === null || refreshToken === '') {
        throw new BadUserInputError('No refresh token was given, neither as argument nor as cookie.', 'refreshToken')
      }
      const { sessionId, generation } = verifyRefreshToken(refreshToken)
      const answer = await rotate({
        sessionId,
        generation,
        gracePeriodMs: policy.gracePeriodMs,
        rotates: policy.refreshTokenMode !== 'static',
        extendsByMs: policy.refreshTokenMode === 'sliding' ? policy.refreshTtlMs : null,
        refreshesPerMinute: policy.refreshesPerMinute,
        ...origin,
      })
      if (answer.outcome === 'reused') revocations.sessionEnded(sessionId)
      const { user, session, now } = requireContinued(answer)
      return issue(user, session, now)
    },

    /** Ends a session. Over already is as good. @see PROTOCOL.md S14 */
    async signOut(sessionId: string): Promise<void> {
      const ended = await sessions.revoke({ sessionId, reason: 'SIGNED_OUT', by: null })
      ended.forEach(revocations.sessionEnded)
    },

    /** The session that a refresh token belongs to, or null for one that is not ours or has expired. */
    sessionOf(refreshToken: string): string | null {
      try {
        return refreshTokens.verify(refreshToken).sessionId
      } catch (error) {
        if (error instanceof RefreshRefusedError) return null
        throw error
      }
    },

    /**
     * The claims of an access token that holds now: it verifies, its session has not ended, its rights are current.
     * @throws UnauthenticatedError naming why it does not do.
     * @see PROTOCOL.md S4, S15
     */
    async authenticate(accessToken: string): Promise<AccessClaims> {
      const claims = accessTokens.verify(accessToken)
      await this.recheck(claims)
      deps.lastSeen.note(claims.sessionId)
      return claims
    },

    /**
     * For connections that live on: looks again whether the session has ended or the rights have changed.
     * @throws UnauthenticatedError naming why the claims do not do any more.
     * @see PROTOCOL.md S17
     */
    async recheck(claims: AccessClaims): Promise<void> {
      const refusal = await deps.checkAccess(claims)
      if (refusal !== null) throw new UnauthenticatedError(refusal)
    },
  }
}
