import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import { GraphQLDateTimeISO } from 'graphql-scalars'
import { readEmail } from '../session/input.ts'

export const DateTime = GraphQLDateTimeISO

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
