import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { resolvers } from './resolvers/index.ts'

/** The contract at the top of the repository, with its resolvers. */
export function createSchema() {
  const typeDefs = readFileSync(join(import.meta.dirname, '../../../schema.graphql'), 'utf8')
  return makeExecutableSchema({
    typeDefs,
    resolvers,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  })
}
