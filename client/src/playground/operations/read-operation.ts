import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'

/** An operation as it was sent. */
export interface Operation {
  readonly definition: OperationDefinitionNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly variables: Readonly<Record<string, unknown>>
}

/** A field of an operation with its part of the result, whatever its alias. */
export interface SelectedField {
  /** Undefined when the result does not contain it. */
  readonly value: unknown
  /** The arguments, with their variables filled in. */
  readonly args: Readonly<Record<string, unknown>>
  /** @returns undefined when the field was not selected. */
  select(name: string): SelectedField | undefined
}

/**
 * @param operationName may be missing if the document has only one operation.
 * @returns undefined if no operation can be found: the server then says what is wrong.
 */
export function readOperation(
  query: string,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>> = {},
): Operation | undefined {
  const document = parsed(query)
  const definition = document && getOperationAST(document, operationName)
  if (!document || !definition) return undefined
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const one of document.definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one)
  return { definition, fragments, variables: withDefaults(definition, variables) }
}

/** Whether the document has an operation of that name. */
export function hasOperation(query: string, operationName: string): boolean {
  const document = parsed(query)
  return document !== undefined && getOperationAST(document, operationName) != null
}

/** A root field of the operation, also if it is in a fragment. @param data of the result */
export const selectRoot = (operation: Operation, name: string, data: unknown): SelectedField | undefined =>
  selectIn([operation.definition.selectionSet], name, data, operation)

/** The names of the root fields, without aliases and including those in fragments. */
export const rootFieldsOf = ({ definition, fragments }: Operation): string[] =>
  fieldsIn(definition.selectionSet, fragments).map(({ name }) => name.value)

function selectIn(
  sets: readonly SelectionSetNode[],
  name: string,
  parent: unknown,
  operation: Operation,
): SelectedField | undefined {
  const fields = sets.flatMap((set) => fieldsIn(set, operation.fragments)).filter((field) => field.name.value === name)
  const [first] = fields
  if (!first) return undefined
  const inner = fields.flatMap(({ selectionSet }) => selectionSet ?? [])
  const value = (parent as Record<string, unknown> | null | undefined)?.[first.alias?.value ?? name]
  return {
    value,
    args: Object.fromEntries(
      (first.arguments ?? []).map((arg) => [arg.name.value, valueFromASTUntyped(arg.value, operation.variables)]),
    ),
    select: (child) => selectIn(inner, child, value, operation),
  }
}

/** The fields of a selection set and of its fragments. @param seen fragments, which may contain each other by mistake */
function fieldsIn(
  { selections }: SelectionSetNode,
  fragments: Operation['fragments'],
  seen: ReadonlySet<string> = new Set(),
): FieldNode[] {
  return selections.flatMap((selection): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection]
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsIn(selection.selectionSet, fragments, seen)
    const { value: name } = selection.name
    const fragment = fragments.get(name)
    if (!fragment || seen.has(name)) return []
    return fieldsIn(fragment.selectionSet, fragments, new Set([...seen, name]))
  })
}

function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, variables: Operation['variables']) {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  )
  return { ...Object.fromEntries(defaults), ...variables }
}

function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query)
  } catch {
    return undefined
  }
}
