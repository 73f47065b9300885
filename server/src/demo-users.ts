import type { AdminService } from './core/accounts/admin-service.ts'
import type { PasswordService } from './core/password/password-service.ts'
import { randomPassword } from './core/password/random-password.ts'
import { tryAll } from './core/try-all.ts'
import { ConflictError, NotFoundError } from './errors.ts'

export interface DemoUser {
  readonly email: string
  readonly role: 'USER' | 'ADMIN'
  /** Null when an earlier start has created the user. */
  readonly password: string | null
}

export const demoUsers = [
  { username: 'demo', email: 'demo@example.com', role: 'USER' },
  { username: 'admin', email: 'admin@example.com', role: 'ADMIN' },
] as const

/**
 * Creates a demo user and a demo admin on the first start, with random passwords.
 * @param onUser called with each demo user that exists, as soon as it does.
 * @throws the error of a user that cannot be created, after it has tried to create the other.
 */
export async function createDemoUsers(
  services: {
    readonly admin: Pick<AdminService, 'findUser'>
    readonly passwords: Pick<PasswordService, 'createUser'>
  },
  onUser: (user: DemoUser) => void,
): Promise<void> {
  const exists = (email: string) =>
    services.admin.findUser(email).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NotFoundError) return false
        throw error
      },
    )

  async function create({ username, email, role }: (typeof demoUsers)[number]): Promise<void> {
    const password = randomPassword()
    let isNew = !(await exists(email))
    if (isNew) {
      try {
        await services.passwords.createUser({ username, email, password }, role)
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error
        isNew = false
        if (!(await exists(email))) return // somebody else has the username
      }
    }
    onUser({ email, role, password: isNew ? password : null })
  }
  // At the same time, because hashing the passwords is most of the work, and there is a thread for each.
  const created = await Promise.allSettled(demoUsers.map(create))
  await tryAll(
    created.map((result) => () => {
      if (result.status === 'rejected') throw result.reason
    }),
  )
}
