import { getDirective } from '@graphql-tools/utils'
import {
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Role } from '../core/model.ts'

/**
 * The role that an operation needs: that of the most demanding field or type it selects, by the directive `@auth`, fragments
 * included and `@skip` or not; null when all it selects is public.
 * @see PROTOCOL.md S4, S16
 */
export function requiredRole(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Role | null {
  const found = new Set<Role>()
  const seen = new Set<string>()

  function note(element: Parameters<typeof getDirective>[1]): void {
    const requires = getDirective(schema, element, 'auth')?.[0]?.requires
    if (requires !== undefined) found.add(requires)
  }

  function collect(selectionSet: SelectionSetNode, parent: GraphQLCompositeType): void {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const field = 'getFields' in parent ? parent.getFields()[selection.name.value] : undefined
        if (field === undefined) continue // __typename and introspection
        note(field)
        const type = getNamedType(field.type)
        if (isCompositeType(type)) enter(selection.selectionSet, type)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        enter(selection.selectionSet, named(selection.typeCondition?.name.value) ?? parent)
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value)
        const fragment = fragments.get(selection.name.value)
        const type = named(fragment?.typeCondition.name.value)
        if (type !== undefined) enter(fragment?.selectionSet, type)
      }
    }
  }

  function enter(selectionSet: SelectionSetNode | undefined, type: GraphQLCompositeType): void {
    for (const object of isAbstractType(type) ? schema.getPossibleTypes(type) : [type]) {
      if (isObjectType(object)) note(object)
    }
    if (selectionSet !== undefined) collect(selectionSet, type)
  }

  function named(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name)
    return isCompositeType(type) ? type : undefined
  }

  const root = schema.getRootType(operation.operation)
  if (root) enter(operation.selectionSet, root)
  return found.has('ADMIN') ? 'ADMIN' : found.has('USER') ? 'USER' : null
}
