import type { ApolloServerPlugin } from '@apollo/server'
import {
  type DocumentNode,
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from './auth-gate.ts'
import type { GraphContext } from './context.ts'

const attemptFields = new Set(['login', 'register'])

/**
 * Counts the attempts that a request asked for and GraphQL never came to: the first wrong one ends a mutation. So a hundred
 * aliased sign-ins are a hundred attempts, whichever of them failed. Those that run are counted by their use cases.
 * @see PROTOCOL.md S19
 */
export const countAttempts: ApolloServerPlugin<GraphContext> = {
  async requestDidStart() {
    return {
      async executionDidStart({ schema, document, operation, request, contextValue: { sessions, origin } }) {
        if (operation?.operation !== 'mutation') return // none at all when a request names none: Apollo refuses it
        const variables = getVariableValues(
          schema,
          operation.variableDefinitions ?? [],
          request.variables ?? {},
        ).coerced
        if (variables === undefined) return // nothing will run
        const untried = attemptsIn(document, operation, variables)
        if (untried.size < 2) return
        return {
          willResolveField({ info: { path } }) {
            if (path.prev === undefined) untried.delete(String(path.key))
          },
          async executionDidEnd() {
            await sessions.countUntried(
              [...untried.values()].map((field) => emailOf(schema, field, variables)),
              origin,
            )
          },
        }
      },
    }
  },
}

/** The fields that try a password or make an account, by the name of their answer, without those that are left out. */
function attemptsIn(
  document: DocumentNode,
  { selectionSet }: OperationDefinitionNode,
  variables: Record<string, unknown>,
) {
  const found = new Map<string, FieldNode>()
  const fragments = fragmentsOf(document)

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (isLeftOut(selection, variables)) continue
      if (selection.kind !== Kind.FIELD) {
        const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : ''
        const inside = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(name)
        fragments.delete(name) // once is enough
        if (inside !== undefined) collect(inside.selectionSet)
      } else if (attemptFields.has(selection.name.value)) {
        found.set(selection.alias?.value ?? selection.name.value, selection)
      }
    }
  }

  collect(selectionSet)
  return found
}

/** By `@skip` or `@include`: it will never be tried. */
const isLeftOut = (selection: SelectionNode, variables: Record<string, unknown>): boolean =>
  getDirectiveValues(GraphQLSkipDirective, selection, variables)?.if === true ||
  getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.if === false

/** Whose account a field tries; null for one that makes an account. */
function emailOf(schema: GraphQLSchema, field: FieldNode, variables: Record<string, unknown>): string | null {
  const definition = schema.getMutationType()?.getFields()[field.name.value]
  if (definition === undefined || field.name.value !== 'login') return null
  const { input } = getArgumentValues(definition, field, variables) as { input: { email: string } }
  return input.email
}
