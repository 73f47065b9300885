import { getDirective } from '@graphql-tools/utils'
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql'
import type { Role } from '../core/model.ts'

/** What an operation requests. Every selected field counts, with `@skip` and `@include` or without. */
export interface Measure {
  /** Levels of nested fields. */
  readonly depth: number
  readonly aliases: number
  /** Fields in the largest possible answer: a page of n items counts its fields n times. */
  readonly cost: number
  /** How often `login` and `register` are selected. */
  readonly signIns: number
  /** The highest role that `@auth` requires for a selected field or type; null when everything is public. */
  readonly role: Role | null
}

const nothing: Measure = { depth: 0, aliases: 0, cost: 0, signIns: 0, role: null }

/** Assumed for plain lists, and for page sizes in variables: documents are validated once, whatever their variables. */
const MAX_PAGE_SIZE = 100

/** By document: Apollo keeps those of recent requests, so an operation that many requests send is measured once. */
const measures = new WeakMap<DocumentNode, (operation: OperationDefinitionNode) => Measure>()

/** @param schema the only one that the document is used with. */
export function measureOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Measure {
  const measure = measures.get(document) ?? createOperationMeasure(schema, document)
  measures.set(document, measure)
  return measure(operation)
}

/**
 * Measures the operations of a document. Each operation and each fragment is measured once, however often it is
 * spread: fragments of fragments multiply the result but not the time.
 */
function createOperationMeasure(schema: GraphQLSchema, document: DocumentNode) {
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  )
  const measuredFragments = new Map<string, Measure>()

  function measureSelections(set: SelectionSetNode | undefined, type: GraphQLNamedType | undefined): Measure {
    return (set?.selections ?? [])
      .map((selection) => measureSelection(selection, type))
      .reduce(add, { ...nothing, role: roleOfType(schema, type) })
  }

  function measureSelection(selection: SelectionNode, parent: GraphQLNamedType | undefined): Measure {
    if (selection.kind === Kind.FIELD) return measureField(selection, parent)
    if (selection.kind === Kind.FRAGMENT_SPREAD) return measureFragment(selection.name.value)
    const { typeCondition, selectionSet } = selection
    return measureSelections(selectionSet, typeCondition ? typeFromAST(schema, typeCondition) : parent)
  }

  function measureFragment(name: string): Measure {
    const known = measuredFragments.get(name)
    if (known !== undefined) return known
    measuredFragments.set(name, nothing) // stops at cycles, which GraphQL's own rules refuse
    const fragment = fragments.get(name)
    const measured = measureSelections(fragment?.selectionSet, fragment && typeFromAST(schema, fragment.typeCondition))
    measuredFragments.set(name, measured)
    return measured
  }

  function measureField(field: FieldNode, parent: GraphQLNamedType | undefined): Measure {
    const name = field.name.value
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
    const inside = measureSelections(field.selectionSet, definition && getNamedType(definition.type))
    const aliases = inside.aliases + (field.alias === undefined ? 0 : 1)
    if (name.startsWith('__')) return { ...nothing, aliases } // GraphQL's MaxIntrospectionDepthRule limits the rest
    const isSignIn = parent === schema.getMutationType() && (name === 'login' || name === 'register')
    return {
      depth: inside.depth + 1,
      aliases,
      cost: 1 + maxItems(field, definition) * inside.cost,
      signIns: inside.signIns + Number(isSignIn),
      role: higherRole(inside.role, definition ? requiredRole(schema, definition) : null),
    }
  }

  const measuredOperations = new WeakMap<OperationDefinitionNode, Measure>()
  return (node: OperationDefinitionNode): Measure => {
    const known = measuredOperations.get(node)
    if (known !== undefined) return known
    const measured = measureSelections(node.selectionSet, schema.getRootType(node.operation) ?? undefined)
    measuredOperations.set(node, measured)
    return measured
  }
}

const add = (a: Measure, b: Measure): Measure => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  cost: a.cost + b.cost,
  signIns: a.signIns + b.signIns,
  role: higherRole(a.role, b.role),
})

const higherRole = (a: Role | null, b: Role | null): Role | null => (a === 'ADMIN' ? a : (b ?? a))

const requiredRole = (schema: GraphQLSchema, element: Parameters<typeof getDirective>[1]): Role | null =>
  getDirective(schema, element, 'auth')?.[0]?.requires ?? null

/** Of an interface or a union: what any of its types requires. */
function roleOfType(schema: GraphQLSchema, type: GraphQLNamedType | undefined): Role | null {
  const objects = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : []
  return objects.map((object) => requiredRole(schema, object)).reduce(higherRole, null)
}

/** How many items the field returns at most: 1 for a single one, and for `edges`, whose page has been counted already. */
function maxItems(field: FieldNode, definition: GraphQLField<unknown, unknown> | undefined): number {
  const argument = definition?.args.find(({ name }) => name === 'first')
  if (argument === undefined) {
    return definition && isListType(getNullableType(definition.type)) && field.name.value !== 'edges'
      ? MAX_PAGE_SIZE
      : 1
  }
  const given = field.arguments?.find(({ name }) => name.value === 'first')?.value
  if (given === undefined) return Number(argument.defaultValue ?? MAX_PAGE_SIZE)
  return given.kind === Kind.INT ? Math.max(0, Number(given.value)) : MAX_PAGE_SIZE
}
