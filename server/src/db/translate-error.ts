import { ConflictError, ServiceUnavailableError } from '../errors.ts'
import { ConnectionFailedError } from './connections/strict-client.ts'

const uniqueFields: Readonly<Record<string, string>> = {
  users_email_key: 'email',
  users_username_key_key: 'username',
}

// Connection exceptions (08), insufficient resources (53), shutting down or starting up (57P), trouble of the system (58),
// cancelled by a timeout (57014, 25P03, 25P04), lock not available (55P03), rolled back because of another transaction (40001,
// 40P01), read-only (25006), no access (28, 3D000, 42501): an operator has to fix it, and nobody has to sign in again. A
// missing table or column is excluded: retrying does not help when the schema and the release do not match. @see PostgreSQL, Appendix A.
// Then all codes of the operating system and of TLS.
const unavailableCode =
  /^(08...|53...|57P..|58...|57014|25P0[34]|55P03|40001|40P01|25006|28...|3D000|42501|E(?!RR_)[A-Z_]+|ERR_(SSL|TLS|STREAM)_.+)$/
// The last alternative: TypeORM releases a query runner as soon as its connection is lost, even within a transaction.
const unavailableMessage =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|query read timeout|connection error|not queryable|driver not connected|connection is not established|query runner.* already released/i

/** Turns a database error that callers can act on into an `AuthError`; returns all others unchanged. */
export function translateError(error: unknown): unknown {
  const { code, constraint, message } = error as { code?: string; constraint?: string; message?: string }
  if (code === '23505') {
    const field = uniqueFields[constraint ?? '']
    if (field !== undefined) return new ConflictError(`This ${field} is taken.`, field)
  }
  if (error instanceof ConnectionFailedError) return new ServiceUnavailableError(error)
  const unavailable = code === undefined ? unavailableMessage.test(message ?? '') : unavailableCode.test(code)
  return unavailable ? new ServiceUnavailableError(error) : error
}

type Method = (...args: never[]) => Promise<unknown>

/** The same store, with the errors of all its methods translated. */
export function translatingErrors<Store extends { [Name in keyof Store]: Method }>(store: Store): Store {
  const methods = Object.entries<Method>(store).map(([name, method]) => [
    name,
    async (...args: never[]) => {
      try {
        return await method(...args)
      } catch (error) {
        throw translateError(error)
      }
    },
  ])
  return Object.fromEntries(methods) as Store
}
