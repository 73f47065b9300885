import { BadUserInputError } from '../errors.ts'

/** Control characters, and halves of surrogate pairs, which are not text. */
export const controlOrSurrogate = /[\p{Cc}\p{Cs}]/u

/**
 * Optional free text: surrounding spaces are removed, and missing or empty text becomes null.
 * @throws BadUserInputError naming the field when the text is too long or contains control characters.
 */
export function readText(value: string | null | undefined, field: string, maxLength: number): string | null {
  const text = value?.trim().normalize('NFC') ?? ''
  if (!hasLength(text, 0, maxLength) || controlOrSurrogate.test(text)) {
    throw new BadUserInputError(`${field} may have at most ${maxLength} characters and no control characters.`, field)
  }
  return text === '' ? null : text
}

/** Counts code points, not UTF-16 units: that is what users of most scripts regard as characters. */
export function hasLength(value: string, min: number, max: number): boolean {
  if (value.length > max * 2) return false
  const length = [...value].length
  return min <= length && length <= max
}
