import type { FetchResult, Operation } from '@apollo/client/core/index.js'
import { type IsUnauthenticated, type Refusal, readRefusal } from '../transport/graphql-errors.ts'

/** What Apollo Client 3 (`networkError`, `result`) or 4 (`ServerError`, `bodyText`) fails with, as far as it matters. */
interface ErrorLike {
  readonly errors?: unknown
  readonly graphQLErrors?: unknown
  readonly result?: unknown
  readonly bodyText?: unknown
  readonly statusCode?: number
  readonly response?: Response
}

/** C10: recognises a refusal in a result or an error of the links that follow, in both versions of Apollo Client. */
export function readFailure(
  operation: Operation,
  { result, error }: { readonly result?: FetchResult; readonly error?: unknown },
  isUnauthenticated?: IsUnauthenticated,
): Refusal | undefined {
  const cause = (error ?? {}) as ErrorLike
  const errors = cause.errors ?? cause.graphQLErrors
  if (result && !result.errors) return undefined
  const response: Response | undefined = result ? operation.getContext().response : cause.response
  return readRefusal(
    {
      status: cause.statusCode ?? response?.status,
      challenge: response?.headers?.get('www-authenticate'),
      body: result ?? (errors ? { errors } : (cause.result ?? parse(cause.bodyText))),
    },
    isUnauthenticated,
  )
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(text as string)
  } catch {
    // Missing, or not JSON: only the status remains.
    return undefined
  }
}
