import { ConflictError, ServiceUnavailableError } from '../errors.ts'

const takenFields: Record<string, string> = { users_email_key: 'email', users_username_key_key: 'username' }

// Connection trouble (08), no room (53), shut down or starting (57P), cancelled by a time-out (57014), a lock not had
// (55P03), rolled back for another's sake (40001, 40P01), or a standby that cannot write yet (25006).
// @see PostgreSQL, Appendix A
const unavailableState = /^(08...|53...|57P..|57014|55P03|40001|40P01|25006)$/
const unavailableSystemCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN'],
])
// The last: the driver gives a connection that was cut back at once, also in the midst of a transaction.
const unavailableMessage =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|query read timeout|connection error|not queryable|driver not connected|connection is not established|query runner.* already released/i

/** Runs a piece of database work; what a caller can act on comes out as an AuthError, all else as it is. */
export async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateError(error)
  }
}

export function translateError(error: unknown): unknown {
  const { code, constraint, message } = error as { code?: string; constraint?: string; message?: string }
  if (code === '23505') {
    const field = takenFields[constraint ?? '']
    if (field !== undefined) return new ConflictError(`This ${field} is taken.`, field)
  }
  const unavailable =
    code === undefined
      ? unavailableMessage.test(message ?? '')
      : unavailableState.test(code) || unavailableSystemCodes.has(code)
  return unavailable ? new ServiceUnavailableError(error) : error
}
