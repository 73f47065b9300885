import { InvalidCredentialsError } from '../../errors.ts'
import { readEmail, readUsername } from '../accounts/user-input.ts'
import type { UserCredentials, UserStore } from '../accounts/user-store.ts'
import type { SecurityEventStore } from '../events/security-event-store.ts'
import type { AttemptLimiter } from '../limits/attempt-limiter.ts'
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

/** Accounts with a password: create one, sign in with it, change it. */
export interface PasswordService {
  /**
   * Creates an account and signs it in.
   * @throws BadUserInputError, ConflictError, RateLimitedError
   */
  signUp(input: AccountInput & DeviceInput, origin: Origin): Promise<IssuedTokens>

  /**
   * Creates an account without signing it in.
   * @throws BadUserInputError, ConflictError
   */
  createUser(input: AccountInput, role: Role): Promise<User>

  /**
   * Signs a user in. An unknown email address takes the same work and gets the same answer as a wrong password.
   * @throws InvalidCredentialsError, BadUserInputError, RateLimitedError
   * @see PROTOCOL.md S1, S19
   */
  signIn(input: Omit<AccountInput, 'username'> & DeviceInput, origin: Origin): Promise<IssuedTokens>

  /**
   * Sets a new password and ends all other sessions of the user. The attempt limit applies here too, so that a stolen
   * access token cannot be used to guess the password.
   * @throws InvalidCredentialsError when the current password is wrong or has been changed in the meantime.
   * @throws BadUserInputError, RateLimitedError
   * @see PROTOCOL.md S14, S19
   */
  change(
    claims: AccessClaims,
    input: { readonly currentPassword: string; readonly newPassword: string },
    origin: Origin,
  ): Promise<void>
}

export function createPasswordService(deps: {
  readonly users: UserStore
  readonly events: SecurityEventStore
  readonly sessions: Pick<SessionService, 'open'>
  readonly hasher: PasswordHasher
  readonly attempts: AttemptLimiter
  readonly revocations: RevocationList
  readonly observer: SessionObserver
  /** Called with errors of work that no answer waits for. */
  readonly onError: (error: unknown) => void
}): PasswordService {
  const { users, events, sessions, hasher, attempts, revocations, observer, onError } = deps

  async function createUser(input: AccountInput, role: Role): Promise<UserCredentials> {
    const username = readUsername(input.username)
    const email = readEmail(input.email)
    const passwordHash = await hasher.hash(readNewPassword(input.password))
    return users.create({ username, email, passwordHash, role })
  }

  /** @throws InvalidCredentialsError */
  async function verify(email: string, password: string, origin: Origin): Promise<UserCredentials> {
    const user = await users.findByEmail(email)
    const check = await hasher.verify(password, user?.passwordHash ?? null)
    if (user === null || !check.matches) {
      // Not awaited: a wrong password must not take longer to answer than an unknown email address.
      if (user !== null) events.record({ userId: user.id, type: 'SIGN_IN_FAILED', ...origin }).catch(onError)
      throw new InvalidCredentialsError()
    }
    if (check.needsRehash) {
      await users.rehashPassword(user.id, user.credentialVersion, await hasher.hash(password))
    }
    return user
  }

  return {
    createUser,

    signUp(input, origin) {
      return observed(observer.signedUp, async () => {
        const device = readDevice(input)
        await attempts.admit({ ipAddress: origin.ipAddress })
        return sessions.open(await createUser(input, 'USER'), device, origin)
      })
    },

    signIn(input, origin) {
      return observed(observer.signedIn, async () => {
        const device = readDevice(input)
        const password = readPassword(input.password)
        const email = readEmail(input.email)
        await attempts.admit({ email, ipAddress: origin.ipAddress })
        return sessions.open(await verify(email, password, origin), device, origin)
      })
    },

    async change(claims, input, origin) {
      const newPassword = readNewPassword(input.newPassword, 'newPassword')
      const user = await users.findCredentials(claims.userId)
      if (user !== null) await attempts.admit({ email: user.email })
      const current = readPassword(input.currentPassword, 'currentPassword')
      const check = await hasher.verify(current, user?.passwordHash ?? null)
      if (user === null || !check.matches) throw wrongPassword()
      const ended = await users.changePassword({
        userId: user.id,
        credentialVersion: user.credentialVersion,
        passwordHash: await hasher.hash(newPassword),
        keepSessionId: claims.sessionId,
        ...origin,
      })
      if (ended === null) throw wrongPassword()
      ended.forEach(revocations.sessionEnded)
    },
  }
}

const wrongPassword = () => new InvalidCredentialsError('The current password is wrong.')
