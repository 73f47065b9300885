import { NotFoundError } from '../errors.ts'

/**
 * Reads the id of a session or a user.
 * @throws NotFoundError for text that cannot be an id, because nothing has it.
 */
export function readId(value: string, what: string): string {
  const id = value.toLowerCase()
  if (!isUuid(id)) throw new NotFoundError(`There is no such ${what}.`)
  return id
}

/** A UUID of any version, in lower case. Other text is never an id and must not reach the database as a key. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
