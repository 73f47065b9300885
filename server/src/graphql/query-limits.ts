import {
  type ASTVisitor,
  GraphQLError,
  type OperationDefinitionNode,
  type ParseOptions,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import { measureOperation } from './operation-measure.ts'

/** How large an operation may be. @see OWASP ASVS 4.3.1, PROTOCOL.md S19 */
export const queryLimits = {
  /** The schema itself is 5 levels deep. */
  maxDepth: 10,
  maxAliases: 20,
  /** Fields in the largest possible answer. */
  maxCost: 5_000,
  /** Validating a document of this size takes at most 0.1 s, measured. GraphiQL's introspection query has 184 tokens. */
  maxTokens: 3_000,
} as const

export const parseOptions: ParseOptions = { maxTokens: queryLimits.maxTokens }

/** Applied in addition to GraphQL's own rules, to requests and sockets alike. */
export const validationRules: ValidationRule[] = [queryLimitsRule]

/** Refuses operations that exceed `queryLimits`. Introspection is limited by GraphQL's own rules. */
export function queryLimitsRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation: OperationDefinitionNode) {
      const { depth, aliases, cost } = measureOperation(context.getSchema(), context.getDocument(), operation)
      for (const [name, value, max] of [
        ['depth', depth, queryLimits.maxDepth],
        ['number of aliases', aliases, queryLimits.maxAliases],
        ['cost', cost, queryLimits.maxCost],
      ] as const) {
        if (value <= max) continue
        const message = `The operation is too large: its ${name} exceeds ${max}. Request less, or split it into several requests.`
        context.reportError(new GraphQLError(message))
      }
    },
  }
}
