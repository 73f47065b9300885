import { randomBytes } from 'node:crypto'
import type { PasswordService } from './core/password/password-service.ts'
import { ConflictError } from './errors.ts'

const demoUsers = [
  { username: 'demo', email: 'demo@example.com', role: 'USER' },
  { username: 'admin', email: 'admin@example.com', role: 'ADMIN' },
] as const

/** Creates a demo user and a demo admin on the first start. Their passwords are random and printed only once. */
export async function createDemoUsers(
  passwords: Pick<PasswordService, 'createUser'>,
  print: (line: string) => void,
): Promise<void> {
  for (const { role, ...user } of demoUsers) {
    const password = randomBytes(12).toString('base64url')
    try {
      await passwords.createUser({ ...user, password }, role)
      print(`Created ${user.email} (${role}) with the password ${password}; it is not shown again.`)
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error // created by an earlier start
    }
  }
}
