import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { GraphQLDateTimeISO } from 'graphql-scalars'
import { readEmail } from '../session/input.ts'

/** Under the name that schema.graphql gives it; the description stands there too. */
export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description: undefined,
  astNode: undefined,
  extensions: {},
})

function parseEmail(value: unknown): string {
  if (typeof value !== 'string') throw new GraphQLError('An email address is a string.')
  return readEmail(value)
}

/** Read in its one form, so that case and spaces never make a second account. */
export const EmailAddress = new GraphQLScalarType<string, string>({
  name: 'EmailAddress',
  serialize: String,
  parseValue: parseEmail,
  parseLiteral: (node) => parseEmail(node.kind === Kind.STRING ? node.value : undefined),
})
