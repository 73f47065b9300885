import { BadUserInputError } from '../../errors.ts'
import { controlOrSurrogate, hasLength } from '../text.ts'
import { canonicalDomain, canonicalLabels } from './email-domain.ts'

// In letters of any script. Only sending mail can tell whether it arrives.
const localPartForm = /^[^\s@"(),:;<>[\\\]\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}]{1,64}$/u
const ignorable = /\p{Default_Ignorable_Code_Point}/gu
// Characters that display nothing or reverse the text around them. Joiners, variation selectors and tags are allowed,
// because scripts and emoji need them.
const invisible =
  /(?![\u200c-\u200d\u180e\p{Variation_Selector}\u{e0020}-\u{e007f}])\p{Default_Ignorable_Code_Point}|[\p{Zl}\p{Zp}\u2800\ufff9-\ufffb]/u

const MAX_EMAIL_LENGTH = 254
const MAX_USERNAME_LENGTH = 50

/**
 * The canonical form of an email address: trimmed, in lower case and NFC, with a domain in Unicode. All spellings of an
 * address have the same canonical form, which is its own.
 * @throws BadUserInputError
 */
export function readEmail(value: string): string {
  const [localPart = '', givenDomain = '', ...more] = lowerCase(value.trim()).split('@')
  const domain = canonicalDomain(givenDomain)
  const email = `${localPart}@${domain}`
  if (domain === null || more.length > 0 || !localPartForm.test(localPart) || email.length > MAX_EMAIL_LENGTH) {
    throw new BadUserInputError('Enter an email address like name@example.com, of at most 254 characters.', 'email')
  }
  return email
}

/** Part of an email address in the form in which it appears in the canonical one. */
export const emailSearchKey = (text: string): string => canonicalLabels(lowerCase(text))

/** Lower case can leave NFC: `J̌` has no composed form, but `ǰ` does. */
const lowerCase = (text: string) => text.normalize('NFC').toLowerCase().normalize('NFC')

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
