import type { Operation } from '@apollo/client/core/index.js'
import { didRun, saysUnauthenticated } from '../transport/graphql-errors.ts'

/** Whether the operation carries no token: its context says so, or all its root fields are public. */
export function isPublic(operation: Operation, publicFields: readonly string[]): boolean {
  if (operation.getContext().public === true) return true
  return operation.query.definitions.every(
    (definition) =>
      definition.kind !== 'OperationDefinition' ||
      definition.selectionSet.selections.every(
        (field) => field.kind === 'Field' && publicFields.includes(field.name.value),
      ),
  )
}

export function isMutation(operation: Operation): boolean {
  return operation.query.definitions.some(
    (definition) => definition.kind === 'OperationDefinition' && definition.operation === 'mutation',
  )
}

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
  const errors = graphQLErrors ?? cause?.errors ?? errorsOf(cause?.result) ?? errorsOf(parse(cause?.bodyText))
  return {
    unauthenticated: saysUnauthenticated(errors, cause?.statusCode as number | undefined),
    didRun: didRun((response ?? result)?.data),
  }
}

const errorsOf = (body: unknown): unknown => (body as { errors?: unknown } | null | undefined)?.errors

function parse(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
