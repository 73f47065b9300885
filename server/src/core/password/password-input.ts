import { BadUserInputError } from '../../errors.ts'
import { hasLength } from '../text.ts'

const MIN_LENGTH = 8
const MAX_LENGTH = 1_000

/**
 * A password to sign in with. The minimum length applies only to new passwords.
 * @throws BadUserInputError when it is longer than any password we have ever accepted.
 */
export function readPassword(value: string, field = 'password'): string {
  if (!hasLength(value, 0, MAX_LENGTH)) {
    throw new BadUserInputError('A password may have at most 1,000 characters.', field)
  }
  return value
}

/**
 * A password to set: 8 to 1,000 characters in any script, with no composition rules.
 * @throws BadUserInputError
 * @see PROTOCOL.md S21, OWASP ASVS 6.2
 */
export function readNewPassword(value: string, field = 'password'): string {
  if (!hasLength(value, MIN_LENGTH, MAX_LENGTH)) {
    throw new BadUserInputError('Enter a password of 8 to 1,000 characters.', field)
  }
  return value
}
