import { GraphQLError, type GraphQLScalarType, Kind } from 'graphql'
import { GraphQLDateTimeISO } from 'graphql-scalars'
import { readEmail } from '../core/input.ts'

/** What schema.graphql leaves open: how values are read and written. A whole scalar would hide the name and description there. */
type ScalarCode = Pick<GraphQLScalarType, 'serialize' | 'parseValue' | 'parseLiteral'>

const asResolver = ({ serialize, parseValue, parseLiteral }: ScalarCode) =>
  ({ serialize, parseValue, parseLiteral }) as GraphQLScalarType

export const DateTime = asResolver(GraphQLDateTimeISO)

function parseEmail(value: unknown): string {
  if (typeof value !== 'string') throw new GraphQLError('An email address is a string.')
  return readEmail(value)
}

/** Read in its one form, so that case and spaces never make a second account. */
export const EmailAddress = asResolver({
  serialize: String,
  parseValue: parseEmail,
  parseLiteral: (node) => parseEmail(node.kind === Kind.STRING ? node.value : undefined),
})
