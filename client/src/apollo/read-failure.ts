import { didRun, saysUnauthenticated } from '../transport/graphql-errors.ts'

/** What Apollo Client 3 (`graphQLErrors`, `networkError`, `response`) or 4 (`error`, `result`) passes to `onError`. */
interface FailureLike {
  readonly graphQLErrors?: unknown
  readonly networkError?: unknown
  readonly response?: { readonly data?: unknown } | undefined
  readonly error?: unknown
  readonly result?: { readonly data?: unknown } | undefined
}

/** C10: recognises UNAUTHENTICATED in all its forms, in both versions of Apollo Client. */
export function readFailure(failure: object): { readonly unauthenticated: boolean; readonly didRun: boolean } {
  const { graphQLErrors, networkError, response, error, result } = failure as FailureLike
  const cause = (networkError ?? error) as Record<string, unknown> | undefined
  const body = (cause?.result ?? parse(cause?.bodyText)) as { readonly errors?: unknown } | null | undefined
  const errors = graphQLErrors ?? cause?.errors ?? body?.errors
  return {
    unauthenticated: saysUnauthenticated(errors, cause?.statusCode as number | undefined),
    didRun: didRun((response ?? result)?.data),
  }
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(text as string)
  } catch {
    // Missing, or not JSON: only the status remains.
    return undefined
  }
}
