import { BadUserInputError, NotFoundError } from '../../errors.ts'
import type { Device } from '../model.ts'
import type { DeviceInput } from '../sessions/session-store.ts'

// One @, a local part, and a domain with a dot; letters of any script. Whether mail arrives only mail can tell.
const emailForm =
  /^[^\s@"(),:;<>[\\\]\p{Cc}\p{Cs}]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,62})\.)+[\p{L}\p{N}][\p{L}\p{N}\p{M}-]{1,62}$/u
const controlOrSurrogate = /[\p{Cc}\p{Cs}]/u
const ignorable = /\p{Default_Ignorable_Code_Point}/gu
// What shows nothing or turns the text around it. Joiners, variation selectors and tags stay: scripts and emoji need them.
const invisible =
  /(?![\u200c-\u200d\u180e\p{Variation_Selector}\u{e0020}-\u{e007f}])\p{Default_Ignorable_Code_Point}|[\p{Zl}\p{Zp}\u2800\ufff9-\ufffb]/u

/**
 * The one form of an e-mail address: no spaces around it, lower case, NFC.
 * @throws BadUserInputError
 */
export function readEmail(value: string): string {
  const email = value.trim().normalize('NFC').toLowerCase()
  if (email.length > 254 || !emailForm.test(email) || email.search(ignorable) >= 0) {
    throw new BadUserInputError('Give an email address of the form name@example.com, at most 254 characters.', 'email')
  }
  return email
}

/**
 * A public name in any script: 1 to 50 characters, without control or invisible ones; spaces around it are removed.
 * @throws BadUserInputError
 */
export function readUsername(value: string): string {
  const username = value.trim().normalize('NFC')
  const isSeen = usernameKey(username).trim() !== ''
  if (!hasLength(username, 1, 50) || !isSeen || controlOrSurrogate.test(username) || invisible.test(username)) {
    throw new BadUserInputError('Give a username of 1 to 50 characters, without control or invisible ones.', 'username')
  }
  return username
}

/**
 * What makes two usernames the same: compatibility forms, case, characters that nobody sees and the width of a gap do not
 * tell people apart. @see Unicode Standard, NFKC_Casefold
 */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').replace(ignorable, '').replace(/\s+/g, ' ').toLowerCase()
}

/**
 * A password to sign in with: of any length that a password may have.
 * @throws BadUserInputError when it is longer than any password we ever took.
 */
export function readPassword(value: string, field = 'password'): string {
  if (!hasLength(value, 0, 1000)) {
    throw new BadUserInputError('A password has at most 1,000 characters.', field)
  }
  return value
}

/**
 * A password to keep: 8 to 1,000 characters in any script, no rules of composition.
 * @throws BadUserInputError
 * @see PROTOCOL.md S21, OWASP ASVS 6.2
 */
export function readNewPassword(value: string, field = 'password'): string {
  if (!hasLength(value, 8, 1000)) {
    throw new BadUserInputError('Give a password of 8 to 1,000 characters.', field)
  }
  return value
}

/**
 * The device as the app named it; what is missing or empty becomes null.
 * @throws BadUserInputError naming the field that is too long.
 */
export function readDevice(input: DeviceInput): Device {
  return {
    appId: readLabel(input.appId, 'appId', 100),
    deviceId: readLabel(input.deviceId, 'deviceId', 200),
    deviceName: readLabel(input.deviceName, 'deviceName', 100),
  }
}

/**
 * A device's name for people; empty removes it.
 * @throws BadUserInputError
 */
export function readDeviceName(value: string): string | null {
  return readLabel(value, 'deviceName', 100)
}

/**
 * What to look for in names and addresses; empty finds everyone.
 * @throws BadUserInputError
 */
export function readSearch(value: string | null | undefined): string | null {
  return readLabel(value, 'search', 200)
}

/**
 * The id of a session or a person.
 * @throws NotFoundError for what can be no id: nothing has it.
 */
export function readId(value: string, what: string): string {
  const id = value.toLowerCase()
  if (!isUuid(id)) throw new NotFoundError(`There is no such ${what}.`)
  return id
}

/** In lower case, of any version: what is none is the id of nothing, and must not reach the database as a key. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

function readLabel(value: string | null | undefined, field: string, most: number): string | null {
  const label = value?.trim().normalize('NFC') ?? ''
  if (!hasLength(label, 0, most) || controlOrSurrogate.test(label)) {
    throw new BadUserInputError(`${field} has at most ${most} characters and no control characters.`, field)
  }
  return label === '' ? null : label
}

/** Counts characters as people do with most scripts: code points, not UTF-16 units. */
function hasLength(value: string, least: number, most: number): boolean {
  if (value.length > most * 2) return false
  const length = [...value].length
  return least <= length && length <= most
}
