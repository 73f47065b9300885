import type { Origin, Role, User } from '../model.ts'
import type { Page, PageRequest } from '../page.ts'

/** A person with what a sign-in is checked against. */
export interface UserCredentials extends User {
  passwordHash: string
  /** Grows with every password change: a sign-in checked against an older one is refused. @see PROTOCOL.md S14 */
  credentialVersion: number
}

export interface NewUser {
  username: string
  email: string
  passwordHash: string
  role: Role
}

/** What the core asks of storage about people. */
export interface UserStore {
  /** @throws ConflictError naming the field when the e-mail or the username is taken. */
  create(user: NewUser): Promise<UserCredentials>
  findByEmail(email: string): Promise<UserCredentials | null>
  findById(id: string): Promise<User | null>
  /** Keeps the credential version: it is the same password in a stronger form. Does nothing if it changed meanwhile. */
  rehashPassword(userId: string, credentialVersion: number, passwordHash: string): Promise<void>
  findCredentials(id: string): Promise<UserCredentials | null>
  /**
   * Sets the password and ends all sessions of the person but one; gives the ids of those that ended. Null when the
   * credentials have changed since they were checked.
   * @see PROTOCOL.md S14
   */
  changePassword(change: PasswordChange): Promise<string[] | null>
  /** Null when there is no such person. The version grows only when the role is another. */
  setRole(change: { userId: string; role: Role; by: string | null }): Promise<User | null>
  list(page: PageRequest & { search: string | null }): Promise<Page<User>>
}

export interface PasswordChange extends Origin {
  userId: string
  credentialVersion: number
  passwordHash: string
  keepSessionId: string
}
