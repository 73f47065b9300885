import { makeExecutableSchema } from '@graphql-tools/schema'
import { resolvers } from './resolvers/index.ts'

/** @param typeDefs the text of `schema.graphql`. */
export function createSchema(typeDefs: string) {
  return makeExecutableSchema({
    typeDefs,
    resolvers,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  })
}
