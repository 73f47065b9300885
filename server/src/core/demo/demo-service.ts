import { ForbiddenError, NotFoundError } from '../../errors.ts'
import type { UserStore } from '../accounts/user-store.ts'
import type { AttemptLimiter } from '../limits/attempt-limiter.ts'
import type { Origin } from '../model.ts'
import { observed, type SessionObserver } from '../observer.ts'
import { type DeviceInput, readDevice } from '../sessions/device-input.ts'
import type { IssuedTokens, SessionService } from '../sessions/session-service.ts'

/** A sign-in without a password, for trying out the product. Production refuses the setting that turns it on. */
export interface DemoService {
  /**
   * The address of the demo user; null if `signIn` would refuse, because there is none or it is an admin.
   * @throws ServiceUnavailableError
   */
  email(): Promise<string | null>

  /**
   * Opens a session of the demo user, counted like a sign-in with a password from the same address.
   * @throws NotFoundError when the demo sign-in is off or the demo user does not exist.
   * @throws ForbiddenError when the demo user is an admin.
   * @throws BadUserInputError, RateLimitedError, ServiceUnavailableError
   * @see PROTOCOL.md S1, S19
   */
  signIn(device: DeviceInput, origin: Origin): Promise<IssuedTokens>
}

/** @param deps.demoEmail null turns the demo sign-in off. */
export function createDemoService(deps: {
  readonly demoEmail: string | null
  readonly users: Pick<UserStore, 'findByEmail'>
  readonly sessions: Pick<SessionService, 'open'>
  readonly attempts: AttemptLimiter
  readonly observer: Pick<SessionObserver, 'signedIn'>
}): DemoService {
  const { demoEmail, users, sessions, attempts, observer } = deps

  /** @throws NotFoundError, ForbiddenError */
  async function requireDemoUser(email: string) {
    const user = await users.findByEmail(email)
    if (user === null) {
      throw new NotFoundError(
        `The demo user ${email} no longer exists. Restart the server to create it again, or sign in with another account.`,
      )
    }
    if (user.role === 'ADMIN') {
      throw new ForbiddenError(`${email} is an admin, and admins must sign in with their password.`)
    }
    return user
  }

  return {
    async email() {
      const user = demoEmail === null ? null : await users.findByEmail(demoEmail)
      return user === null || user.role === 'ADMIN' ? null : user.email
    },

    async signIn(input, origin) {
      if (demoEmail === null) {
        throw new NotFoundError('The demo sign-in is off. Outside production, DEMO_USERS=true turns it on.')
      }
      return observed(observer.signedIn, async () => {
        const device = readDevice(input)
        await attempts.admit({ ipAddress: origin.ipAddress })
        return sessions.open(await requireDemoUser(demoEmail), device, origin)
      })
    },
  }
}
