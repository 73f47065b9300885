import type { Origin, Role, User } from '../model.ts'
import type { Page, PageRequest } from '../page.ts'

/**
 * Stores accounts. Like the `SessionStore`, it writes security events and notifies every instance in the transaction of the
 * change they describe.
 */
export interface UserStore {
  /** @throws ConflictError naming the field when the email or the username is taken. */
  create(user: NewUser): Promise<User>
  findByEmail(email: string): Promise<UserCredentials | null>
  findById(id: string): Promise<User | null>
  findCredentials(id: string): Promise<UserCredentials | null>

  /** The highest bcrypt cost of all stored password hashes; null when there are none. @see PROTOCOL.md S1 */
  highestPasswordCost(): Promise<number | null>

  /** Stores a new hash of the same password, after the cost has changed. Does nothing if the password has changed since it was checked. */
  rehashPassword(userId: string, credentialVersion: number, passwordHash: string): Promise<void>

  /**
   * Sets the password, revokes all other sessions of the user (`PASSWORD_CHANGED`) and writes the event. Of more than 1,000
   * sessions, the oldest are revoked first, in batches, and stay revoked when the change fails afterwards.
   * @returns the ids of the revoked sessions; null when the credentials have changed since they were checked.
   * @see PROTOCOL.md S14
   */
  changePassword(change: PasswordChange): Promise<readonly string[] | null>

  /**
   * Sets the role. If it differs from the current one, the user's version grows, the event `ROLE_CHANGED` is written, and
   * every instance is notified.
   * @returns null when there is no such user.
   * @throws ConflictError naming `role` when the last admin would lose the role, even if two lose it at the same time.
   * @see PROTOCOL.md S15, S16
   */
  setRole(change: { readonly userId: string; readonly role: Role; readonly by: string | null }): Promise<User | null>

  /** Users by name; `search` matches parts of usernames and email addresses. */
  list(page: PageRequest & { readonly search: string | null }): Promise<Page<User>>
}

/** A user together with what a sign-in is checked against. */
export interface UserCredentials extends User {
  readonly passwordHash: string
  /** Grows with every password change. A sign-in checked against an older version is refused. @see PROTOCOL.md S14 */
  readonly credentialVersion: number
}

export type NewUser = Pick<UserCredentials, 'username' | 'email' | 'passwordHash' | 'role'>

export interface PasswordChange extends Origin, Pick<UserCredentials, 'credentialVersion' | 'passwordHash'> {
  readonly userId: string
  /** The session in which the user changes it; null when it is reset at the command line, where nobody is signed in. */
  readonly keepSessionId: string | null
}
