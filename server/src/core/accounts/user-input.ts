import { BadUserInputError } from '../../errors.ts'
import { controlOrSurrogate, hasLength } from '../text.ts'

// One @, a local part, and a domain with a dot, in letters of any script. Only sending mail can tell whether it arrives.
const emailForm =
  /^[^\s@"(),:;<>[\\\]\p{Cc}\p{Cs}]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,62})\.)+[\p{L}\p{N}][\p{L}\p{N}\p{M}-]{1,62}$/u
const ignorable = /\p{Default_Ignorable_Code_Point}/gu
// Characters that display nothing or reverse the text around them. Joiners, variation selectors and tags are allowed,
// because scripts and emoji need them.
const invisible =
  /(?![\u200c-\u200d\u180e\p{Variation_Selector}\u{e0020}-\u{e007f}])\p{Default_Ignorable_Code_Point}|[\p{Zl}\p{Zp}\u2800\ufff9-\ufffb]/u

const MAX_EMAIL_LENGTH = 254
const MAX_USERNAME_LENGTH = 50

/**
 * The canonical form of an email address: trimmed, lower case, NFC.
 * @throws BadUserInputError
 */
export function readEmail(value: string): string {
  const email = value.trim().normalize('NFC').toLowerCase()
  if (email.length > MAX_EMAIL_LENGTH || !emailForm.test(email) || email.search(ignorable) >= 0) {
    throw new BadUserInputError('Enter an email address like name@example.com, of at most 254 characters.', 'email')
  }
  return email
}

/**
 * A public name in any script: 1 to 50 characters, none of them a control character or invisible. Surrounding spaces are
 * removed.
 * @throws BadUserInputError
 */
export function readUsername(value: string): string {
  const username = value.trim().normalize('NFC')
  const isVisible = usernameKey(username).trim() !== ''
  const isClean = !controlOrSurrogate.test(username) && !invisible.test(username)
  if (!hasLength(username, 1, MAX_USERNAME_LENGTH) || !isVisible || !isClean) {
    throw new BadUserInputError(
      'Enter a username of 1 to 50 characters, without control characters or invisible ones.',
      'username',
    )
  }
  return username
}

/**
 * Two usernames with the same key are the same name: compatibility forms, case, invisible characters and the width of
 * gaps make no difference.
 * @see Unicode Standard, NFKC_Casefold
 */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').replace(ignorable, '').replace(/\s+/g, ' ').toLowerCase()
}
