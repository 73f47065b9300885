import { randomBytes } from 'node:crypto'
import type { PasswordService } from './core/password/password-service.ts'
import { tryAll } from './core/try-all.ts'
import { ConflictError } from './errors.ts'

export const demoUsers = [
  { username: 'demo', email: 'demo@example.com', role: 'USER' },
  { username: 'admin', email: 'admin@example.com', role: 'ADMIN' },
] as const

/**
 * Creates a demo user and a demo admin on the first start. Their passwords are random and printed only once.
 * @throws the error of a user that cannot be created, after it has tried to create the other.
 */
export async function createDemoUsers(
  passwords: Pick<PasswordService, 'createUser'>,
  print: (line: string) => void,
): Promise<void> {
  async function create({ role, ...user }: (typeof demoUsers)[number]): Promise<void> {
    const password = randomBytes(12).toString('base64url')
    try {
      await passwords.createUser({ ...user, password }, role)
      print(`Created ${user.email} (${role}) with the password ${password}; it is not shown again.`)
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error // created by an earlier start
    }
  }
  await tryAll(demoUsers.map((user) => () => create(user)))
}
