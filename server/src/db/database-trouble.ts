import { ServiceUnavailableError } from '../errors.ts'
import { translateError } from './translate-error.ts'

/** For an operator: that the database is not available, and why. Null for any other error. */
export function databaseTrouble(error: unknown): string | null {
  if (!(translateError(error) instanceof ServiceUnavailableError)) return null
  // The error of a failed connection may have a code and no message.
  const { message, code } = error as { message?: string; code?: string }
  return `The database is not available: ${message || String(code ?? error)}`
}
