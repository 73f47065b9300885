import type { AccountService } from './accounts/account-service.ts'
import type { AdminService } from './accounts/admin-service.ts'
import type { Clock } from './clock.ts'
import type { DemoService } from './demo/demo-service.ts'
import type { PasswordService } from './password/password-service.ts'
import type { DeviceService } from './sessions/device-service.ts'
import type { SessionService } from './sessions/session-service.ts'

/** The use cases that resolvers and routes call. To add a service, name it here and create it in `create-core.ts`. */
export interface Services {
  readonly sessions: SessionService
  readonly passwords: PasswordService
  readonly devices: DeviceService
  readonly accounts: AccountService
  readonly admin: AdminService
  readonly demo: DemoService
  /** The time by which tokens and sessions expire. */
  readonly clock: Pick<Clock, 'nowMs'>
}
