import type { Operation } from '@apollo/client/core/index.js'
import type { OperationDefinitionNode } from 'graphql'
import { didRun, PUBLIC_FIELDS, saysUnauthenticated } from '../transport/graphql-errors.ts'

/** Whether the operation carries no token: its context says so, or all its root fields are public or `publicFields`. */
export const isPublic = (operation: Operation, publicFields?: readonly string[]): boolean =>
  operation.getContext().public === true ||
  definition(operation).selectionSet.selections.every(
    (field) => field.kind === 'Field' && [PUBLIC_FIELDS, publicFields].some((them) => them?.includes(field.name.value)),
  )

export const isMutation = (operation: Operation): boolean => definition(operation).operation === 'mutation'

/** Apollo Client sends exactly one operation at a time, beside its fragments. */
const definition = ({ query }: Operation): OperationDefinitionNode =>
  query.definitions.find(({ kind }) => kind === 'OperationDefinition') as OperationDefinitionNode

/** What Apollo Client 3 (`graphQLErrors`, `networkError`, `response`) or 4 (`error`, `result`) give to `onError`. */
interface FailureLike {
  readonly graphQLErrors?: unknown
  readonly networkError?: unknown
  readonly response?: { readonly data?: unknown } | undefined
  readonly error?: unknown
  readonly result?: { readonly data?: unknown } | undefined
}

/** C10: UNAUTHENTICATED, in whichever of the two versions and of the three ways it comes. */
export function readFailure(failure: object): { unauthenticated: boolean; didRun: boolean } {
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
    // None, or no JSON: the status alone has to tell.
    return undefined
  }
}
