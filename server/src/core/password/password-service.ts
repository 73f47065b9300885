import { InvalidCredentialsError } from '../../errors.ts'
import { readEmail, readUsername } from '../accounts/user-input.ts'
import type { NewUser, UserStore } from '../accounts/user-store.ts'
import type { SecurityEventStore } from '../events/security-event-store.ts'
import type { AttemptLimiter } from '../limits/attempt-limiter.ts'
import type { DeviceTokens } from '../limits/device-token.ts'
import type { AccessClaims, Origin, Role, User } from '../model.ts'
import { observed, type SessionObserver } from '../observer.ts'
import type { RevocationList } from '../revocation/revocation-list.ts'
import { type DeviceInput, readDevice } from '../sessions/device-input.ts'
import type { IssuedTokens, SessionService } from '../sessions/session-service.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { readNewPassword, readPassword } from './password-input.ts'

export interface AccountInput {
  readonly username: string
  readonly email: string
  readonly password: string
}

/** The tokens of a sign-in, and what the device keeps so that it is recognised the next time. @see PROTOCOL.md S19 */
export interface SignedIn extends IssuedTokens {
  readonly deviceToken: string
}

/** What a request says beside its input. */
export interface PasswordRequest {
  readonly origin: Origin
  /** What the device has kept of earlier sign-ins, and perhaps tokens of other deployments. @see DeviceTokens */
  readonly keptTokens: readonly string[]
  /** Aborted when the client has disconnected. A password that is still waiting to be hashed is then dropped. */
  readonly signal?: AbortSignal | undefined
}

/** Accounts with a password: create one, sign in with it, change it. */
export interface PasswordService {
  /**
   * Creates an account and signs it in.
   * @throws BadUserInputError, ConflictError, RateLimitedError, ServiceUnavailableError
   */
  signUp(input: AccountInput & DeviceInput, request: PasswordRequest): Promise<SignedIn>

  /**
   * Creates an account without signing it in.
   * @throws BadUserInputError, ConflictError
   */
  createUser(input: AccountInput, role: Role): Promise<User>

  /**
   * Signs a user in. An unknown email address takes the same work and gets the same answer as a wrong password.
   * @throws InvalidCredentialsError, BadUserInputError, RateLimitedError, ServiceUnavailableError
   * @see PROTOCOL.md S1, S19, S21
   */
  signIn(input: Omit<AccountInput, 'username'> & DeviceInput, request: PasswordRequest): Promise<SignedIn>

  /**
   * Sets a new password and ends all other sessions of the user. Attempts are limited per session and user, so that a stolen access
   * token cannot be used to guess the password, and strangers who guess it at the sign-in cannot prevent the change. A wrong
   * current password writes the event PASSWORD_CHANGE_FAILED.
   * @throws InvalidCredentialsError when the current password is wrong or has been changed in the meantime.
   * @throws BadUserInputError, RateLimitedError
   * @see PROTOCOL.md S14, S19
   */
  change(
    claims: AccessClaims,
    input: { readonly currentPassword: string; readonly newPassword: string },
    request: Omit<PasswordRequest, 'keptTokens'>,
  ): Promise<void>
}

export function createPasswordService(deps: {
  readonly users: UserStore
  readonly events: SecurityEventStore
  readonly sessions: Pick<SessionService, 'open' | 'register'>
  readonly hasher: PasswordHasher
  readonly attempts: AttemptLimiter
  readonly deviceTokens: DeviceTokens
  readonly revocations: RevocationList
  readonly observer: SessionObserver
  /** Called with errors of work that no answer waits for. */
  readonly onError: (error: unknown) => void
}): PasswordService {
  const { users, events, sessions, hasher, attempts, deviceTokens, revocations, observer, onError } = deps

  async function newUser(input: AccountInput, role: Role, signal?: AbortSignal): Promise<NewUser> {
    const username = readUsername(input.username)
    const email = readEmail(input.email)
    const passwordHash = await hasher.hash(readNewPassword(input.password), { signal })
    return { username, email, passwordHash, role }
  }

  /** @throws InvalidCredentialsError */
  async function verify(email: string, password: string, origin: Origin, signal?: AbortSignal) {
    const user = await users.findByEmail(email)
    const check = await hasher.verify(password, user?.passwordHash ?? null, { signal })
    if (user === null || !check.matches) {
      // Not awaited: a wrong password must not take longer to answer than an unknown email address.
      if (user !== null) events.record({ userId: user.id, type: 'SIGN_IN_FAILED', ...origin }).catch(onError)
      throw new InvalidCredentialsError()
    }
    if (check.needsRehash) {
      await users.rehashPassword(user.id, user.credentialVersion, await hasher.hash(password, { isUrgent: true }))
    }
    return user
  }

  const remembered = (keptTokens: readonly string[], issued: IssuedTokens): SignedIn => ({
    ...issued,
    deviceToken: deviceTokens.remember(keptTokens, issued.user.email),
  })

  return {
    createUser: async (input, role) => users.create(await newUser(input, role)),

    signUp(input, { origin, keptTokens, signal }) {
      return observed(observer.signedUp, async () => {
        const device = readDevice(input)
        hasher.requireRoom()
        await attempts.admit({ ipAddress: origin.ipAddress })
        const account = await newUser(input, 'USER', signal)
        return remembered(keptTokens, await sessions.register(account, device, origin))
      })
    },

    signIn(input, { origin, keptTokens, signal }) {
      return observed(observer.signedIn, async () => {
        const device = readDevice(input)
        const password = readPassword(input.password)
        const email = readEmail(input.email)
        const deviceAccount = deviceTokens.recognise(keptTokens, email)
        hasher.requireRoom()
        await attempts.admit(deviceAccount === null ? { email, ipAddress: origin.ipAddress } : { deviceAccount })
        const user = await verify(email, password, origin, signal)
        return remembered(keptTokens, await sessions.open(user, device, origin))
      })
    },

    async change(claims, input, { origin, signal }) {
      const { userId, sessionId } = claims
      const newPassword = readNewPassword(input.newPassword, 'newPassword')
      const current = readPassword(input.currentPassword, 'currentPassword')
      hasher.requireRoom({ isUrgent: true })
      await attempts.admit({ sessionId, userId })
      const user = await users.findCredentials(userId)
      const check = await hasher.verify(current, user?.passwordHash ?? null, { isUrgent: true, signal })
      if (user === null) throw wrongPassword()
      if (!check.matches) {
        await events.record({ userId, sessionId, type: 'PASSWORD_CHANGE_FAILED', ...origin })
        throw wrongPassword()
      }
      const ended = await users.changePassword({
        userId,
        credentialVersion: user.credentialVersion,
        passwordHash: await hasher.hash(newPassword, { isUrgent: true, signal }),
        keepSessionId: sessionId,
        ...origin,
      })
      if (ended === null) throw wrongPassword()
      ended.forEach(revocations.sessionEnded)
    },
  }
}

const wrongPassword = () => new InvalidCredentialsError('The current password is wrong.')
