import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { AuthError } from '../errors.ts'
import { requestIdOf } from './error-origin.ts'

/**
 * The only place that knows how an error looks on the wire. An AuthError tells its code, reason and message; Apollo's own
 * errors about requests that are no valid GraphQL stay as they are; all else is masked and its cause goes to `report`.
 * @param told hears the code of each error.
 * @see PROTOCOL.md S24
 */
export function createFormatError(
  report: (error: unknown, requestId: string | undefined) => void,
  told: (code: string) => void = () => {},
  hideSuggestions = false,
) {
  function format(formatted: GraphQLFormattedError, error: unknown) {
    const cause = causeOf(error)
    const { path, locations } = formatted
    const place = { ...(path && { path }), ...(locations && { locations }) }
    if (cause instanceof AuthError) {
      if (cause.cause !== undefined) report(cause.cause, requestIdOf(error))
      return { message: cause.message, ...place, extensions: { code: cause.code, ...cause.details } }
    }
    const code = formatted.extensions?.code
    if (error instanceof GraphQLError && typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR') {
      return {
        message: withoutValue(hideSuggestions ? withoutSuggestion(formatted.message) : formatted.message),
        ...place,
        extensions: { code },
      }
    }
    report(cause, requestIdOf(error))
    return { message: 'Something went wrong here.', ...place, extensions: { code: 'INTERNAL_SERVER_ERROR' } }
  }

  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const answer = format(formatted, error)
    told(answer.extensions.code)
    return answer
  }
}

/**
 * GraphQL quotes a wrong input whole, so a sign-in with a field missing would send the password to wherever clients report
 * their errors. Where the error is and what was expected stays.
 */
function withoutValue(message: string): string {
  return message
    .replace(/^(Variable "\$\w+") got invalid value .*?( at "[\w.[\]]+")?; ([^;]*)$/s, '$1 is not valid$2: $3')
    .replace(/(cannot represent a non[ -]\w+ value): .*$/s, '$1.')
    .replace(/^(Expected value of type ".+?"), found .*?(; .*)?\.?$/s, '$1$2.')
}

/** Apollo hides what was meant only in errors of documents, not in those of variables. */
function withoutSuggestion(message: string): string {
  return message.replace(/ Did you mean .*\?$/s, '')
}

/** What broke: GraphQL wraps it once for the field, and twice for a part of a variable. */
function causeOf(error: unknown): unknown {
  let cause = unwrapResolverError(error)
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError
  return cause
}
