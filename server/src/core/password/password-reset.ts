import { ConflictError, NotFoundError } from '../../errors.ts'
import type { UserStore } from '../accounts/user-store.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { readNewPassword } from './password-input.ts'

/**
 * Sets a password for a user who has lost theirs, at the command line, and ends all sessions of the user.
 * @returns the number of sessions that have ended.
 * @throws BadUserInputError, NotFoundError; ConflictError when the password is changed at the same time.
 * @see PROTOCOL.md S14, S21
 */
export async function resetPassword(
  deps: {
    readonly users: Pick<UserStore, 'findCredentials' | 'changePassword'>
    readonly hasher: Pick<PasswordHasher, 'hash'>
  },
  userId: string,
  newPassword: string,
): Promise<number> {
  const passwordHash = await deps.hasher.hash(readNewPassword(newPassword))
  const user = await deps.users.findCredentials(userId)
  if (user === null) throw new NotFoundError('There is no such user.')
  const { credentialVersion } = user
  const change = { userId, credentialVersion, passwordHash, keepSessionId: null, userAgent: null, ipAddress: null }
  const ended = await deps.users.changePassword(change)
  if (ended === null) throw new ConflictError('The password was changed at the same time. Try again.', 'password')
  return ended.length
}
