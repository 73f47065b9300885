import type { Operation } from '@apollo/client/core/index.js'
import type { OperationDefinitionNode } from 'graphql'
import { PUBLIC_FIELDS } from '../transport/graphql-errors.ts'

/**
 * Whether the operation carries no token: its context says so, or all its root fields are public.
 * @param publicFields public fields beside login, register, refreshToken and logout.
 */
export const isPublicOperation = (operation: Operation, publicFields?: readonly string[]): boolean =>
  operation.getContext().public === true ||
  definition(operation).selectionSet.selections.every(
    (field) => field.kind === 'Field' && [PUBLIC_FIELDS, publicFields].some((them) => them?.includes(field.name.value)),
  )

export const isMutation = (operation: Operation): boolean => definition(operation).operation === 'mutation'

/** Apollo Client sends exactly one operation at a time, together with its fragments. */
const definition = ({ query }: Operation): OperationDefinitionNode =>
  query.definitions.find(({ kind }) => kind === 'OperationDefinition') as OperationDefinitionNode
