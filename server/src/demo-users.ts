import { randomBytes } from 'node:crypto'
import type { SessionService } from './core/sessions/session-service.ts'
import { ConflictError } from './errors.ts'

const people = [
  { username: 'demo', email: 'demo@example.com', role: 'USER' },
  { username: 'admin', email: 'admin@example.com', role: 'ADMIN' },
] as const

/** A demo user and an admin for whoever tries the product; their passwords are random and told only this once. */
export async function createFirstPeople(sessions: SessionService, tell: (line: string) => void): Promise<void> {
  for (const person of people) {
    const password = randomBytes(12).toString('base64url')
    try {
      await sessions.createUser({ ...person, password }, person.role)
      tell(`Created ${person.email} (${person.role}) with the password ${password}; it is not shown again.`)
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error // they are there from an earlier start
    }
  }
}
