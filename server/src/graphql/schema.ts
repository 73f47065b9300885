import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { Kind, parse } from 'graphql'
import { resolvers } from './resolvers/index.ts'

/** The contract at the top of the repository, with its resolvers. */
export function createSchema() {
  const typeDefs = readFileSync(join(import.meta.dirname, '../../../schema.graphql'), 'utf8')
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  })
  // Our scalars bring no description of their own, and would hide that of the contract.
  for (const definition of parse(typeDefs).definitions) {
    if (definition.kind !== Kind.SCALAR_TYPE_DEFINITION) continue
    const scalar = schema.getType(definition.name.value)
    if (scalar) scalar.description = definition.description?.value
  }
  return schema
}
