import { GraphQLError, type GraphQLScalarType, Kind } from 'graphql'
import { GraphQLDateTimeISO } from 'graphql-scalars'
import { readEmail } from '../core/accounts/user-input.ts'

/** How values are read and written. Names and descriptions come from schema.graphql, and a complete scalar would hide them. */
type ScalarCode = Pick<GraphQLScalarType, 'serialize' | 'parseValue' | 'parseLiteral'>

const asResolver = ({ serialize, parseValue, parseLiteral }: ScalarCode) =>
  ({ serialize, parseValue, parseLiteral }) as GraphQLScalarType

export const DateTime = asResolver(GraphQLDateTimeISO)

function parseEmail(value: unknown): string {
  if (typeof value !== 'string') throw new GraphQLError('An email address must be a string.')
  return readEmail(value)
}

/** Normalised when read, so that another spelling never creates a second account. */
export const EmailAddress = asResolver({
  serialize: String,
  parseValue: parseEmail,
  parseLiteral: (node) => parseEmail(node.kind === Kind.STRING ? node.value : undefined),
})
