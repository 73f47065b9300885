import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type ParseOptions,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'

/** How big an operation may be. @see OWASP ASVS 4.3.1 */
export const queryLimits = {
  /** Fields below fields. The deepest that the schema has is 5. */
  depth: 10,
  /**
   * Aliases in all. Over a hundred on purpose: a hundred aliased sign-ins run, and are counted as a hundred attempts (S19),
   * so that whoever tries is seen and stopped.
   */
  aliases: 150,
  /** Fields that are answered at most; a page of n counts its fields n times. */
  cost: 5_000,
  /** Words and signs of a document. Validating as many takes 0.1 s at worst, measured; GraphiQL's introspection has 184. */
  tokens: 3_000,
} as const

/** What the page size counts as when a variable gives it, and of a list without pages: the largest that is answered. */
const LARGEST_PAGE = 100

export const parseOptions: ParseOptions = { maxTokens: queryLimits.tokens }

/** Beside the rules of GraphQL itself, for requests and for sockets. */
export const validationRules: ValidationRule[] = [queryLimitsRule]

/** Refuses operations that are deeper, wider or dearer than `queryLimits`; introspection has limits of its own. */
export function queryLimitsRule(context: ValidationContext) {
  const measure = createMeasure(context)
  return {
    OperationDefinition(operation: OperationDefinitionNode) {
      const size = measure(operation.selectionSet, context.getSchema().getRootType(operation.operation) ?? undefined)
      for (const [aspect, name] of aspects) {
        if (size[aspect] <= queryLimits[aspect]) continue
        context.reportError(
          new GraphQLError(
            `This operation is too large: its ${name} is over ${queryLimits[aspect]}. Ask for less, or in several requests.`,
          ),
        )
      }
    },
  }
}

const aspects = [
  ['depth', 'depth'],
  ['aliases', 'number of aliases'],
  ['cost', 'cost'],
] as const

interface Size {
  depth: number
  aliases: number
  cost: number
}

const nothing: Size = { depth: 0, aliases: 0, cost: 0 }

/** Each fragment is measured once, however often it is spread: so fragments of fragments cost no time, but count. */
function createMeasure(context: ValidationContext) {
  const fragments = new Map<string, Size>()

  function measure(selectionSet: SelectionSetNode | undefined, parent: GraphQLCompositeType | undefined): Size {
    return (selectionSet?.selections ?? []).reduce<Size>((sum, selection) => {
      const size = measureOne(selection, parent)
      return {
        depth: Math.max(sum.depth, size.depth),
        aliases: sum.aliases + size.aliases,
        cost: sum.cost + size.cost,
      }
    }, nothing)
  }

  function measureOne(selection: SelectionNode, parent: GraphQLCompositeType | undefined): Size {
    if (selection.kind === Kind.FIELD) return measureField(selection, parent)
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return measure(selection.selectionSet, named(selection.typeCondition?.name.value) ?? parent)
    }
    const name = selection.name.value
    const known = fragments.get(name)
    if (known !== undefined) return known
    fragments.set(name, nothing) // a cycle ends here; GraphQL's own rules refuse it
    const fragment = context.getFragment(name)
    const size = measure(fragment?.selectionSet, named(fragment?.typeCondition.name.value))
    fragments.set(name, size)
    return size
  }

  function measureField(field: FieldNode, parent: GraphQLCompositeType | undefined): Size {
    const definition = parent && 'getFields' in parent ? parent.getFields()[field.name.value] : undefined
    const type = definition && getNamedType(definition.type)
    const inside = measure(field.selectionSet, isCompositeType(type) ? type : undefined)
    const aliases = inside.aliases + (field.alias === undefined ? 0 : 1)
    if (field.name.value.startsWith('__')) return { ...nothing, aliases }
    return { depth: inside.depth + 1, aliases, cost: 1 + pageSize(field, definition) * inside.cost }
  }

  function named(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : context.getSchema().getType(name)
    return isCompositeType(type) ? type : undefined
  }

  return measure
}

/** How many items the field answers at most; 1 for a single one, and for the edges of a page, whose field is counted so. */
function pageSize(field: FieldNode, definition: GraphQLField<unknown, unknown> | undefined): number {
  const argument = definition?.args.find(({ name }) => name === 'first')
  if (argument === undefined) {
    return definition && isListType(getNullableType(definition.type)) && field.name.value !== 'edges' ? LARGEST_PAGE : 1
  }
  const given = field.arguments?.find(({ name }: ArgumentNode) => name.value === 'first')?.value
  if (given === undefined) return Number(argument.defaultValue ?? LARGEST_PAGE)
  return given.kind === Kind.INT ? Math.max(0, Number(given.value)) : LARGEST_PAGE
}
