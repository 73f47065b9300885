import type { ApolloServerPlugin } from '@apollo/server'
import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { AuthError, ForbiddenError, type Refused } from '../errors.ts'
import type { GraphContext } from './context.ts'

/** Turns an error into its form on the wire. */
export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError

/**
 * Decides how errors look to clients. An AuthError shows its code, details and message; Apollo's own errors about invalid
 * requests stay as they are; everything else is masked.
 * @see PROTOCOL.md S24
 */
export function createFormatError(options: {
  /** Receives the causes that clients do not see, with the request ID of the log; undefined over a socket. */
  report(cause: unknown, requestId: string | undefined): void
  /** Receives the code of every error. */
  onError(code: string): void
  /** Receives the operations that were refused because of the user's role, with the same request ID. @see PROTOCOL.md S16 */
  onForbidden?(refused: Refused, requestId: string | undefined): void
  /** Whether to remove "Did you mean …?", which names parts of the schema. */
  readonly hideSuggestions: boolean
}): FormatError {
  const { report, onError, onForbidden, hideSuggestions } = options

  function format(formatted: GraphQLFormattedError, error: unknown) {
    const cause = causeOf(error)
    const { path, locations } = formatted
    const place = { ...(path && { path }), ...(locations && { locations }) }
    if (cause instanceof AuthError) {
      if (cause instanceof ForbiddenError && cause.refused) onForbidden?.(cause.refused, requestIdOf(error))
      if (cause.cause !== undefined) report(cause.cause, requestIdOf(error))
      return { message: cause.message, ...place, extensions: { code: cause.code, ...cause.details } }
    }
    const code = formatted.extensions?.code
    if (error instanceof GraphQLError && typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR') {
      const message = withoutValue(hideSuggestions ? withoutSuggestion(formatted.message) : formatted.message)
      return { message, ...place, extensions: { code } }
    }
    report(cause, requestIdOf(error))
    return { message: 'Something went wrong on the server.', ...place, extensions: { code: 'INTERNAL_SERVER_ERROR' } }
  }

  return (formatted, error) => {
    const answer = format(formatted, error)
    onError(answer.extensions.code)
    return answer
  }
}

const requestIds = new WeakMap<object, string>()

/** Remembers which request an error belongs to, because Apollo does not tell `formatError`. */
export const noteErrorOrigin: ApolloServerPlugin<GraphContext> = {
  async requestDidStart({ contextValue: { requestId } }) {
    return {
      async didEncounterErrors({ errors }) {
        if (requestId !== undefined) for (const error of errors) requestIds.set(error, requestId)
      },
    }
  },
}

/** Undefined for an error over a socket or from before the operation. */
function requestIdOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? requestIds.get(error) : undefined
}

/**
 * GraphQL quotes an invalid input in full, so a sign-in with a missing field would send the password to wherever clients
 * report their errors. The place of the error and the expected type stay.
 */
function withoutValue(message: string): string {
  return message
    .replace(/^(Variable "\$\w+") got invalid value .*?( at "[\w.[\]]+")?; ([^;]*)$/s, '$1 is not valid$2: $3')
    .replace(/(cannot represent a non[ -]\w+ value): .*$/s, '$1.')
    .replace(/^(Expected value of type ".+?"), found .*?(; .*)?\.?$/s, '$1$2.')
}

/** Apollo hides suggestions only in errors about documents, not in those about variables. */
function withoutSuggestion(message: string): string {
  return message.replace(/ Did you mean .*\?$/s, '')
}

/** The original error: GraphQL wraps it once for a field, and twice for a part of a variable. */
function causeOf(error: unknown): unknown {
  let cause = unwrapResolverError(error)
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError
  return cause
}
