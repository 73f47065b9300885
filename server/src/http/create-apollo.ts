import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import { authGate } from '../graphql/auth-gate.ts'
import type { GraphContext } from '../graphql/context.ts'
import { type FormatError, noteErrorOrigin } from '../graphql/format-error.ts'
import { parseOptions, validationRules } from '../graphql/query-limits.ts'
import { retryAfter } from '../graphql/retry-after.ts'

export interface ApolloOptions {
  readonly schema: GraphQLSchema
  /** Stopping Apollo also closes this server. */
  readonly fastify: FastifyInstance
  readonly formatError: FormatError
  readonly introspection: boolean
}

/** Apollo Server with our plugins and limits, and without its landing page, which loads scripts from a CDN. */
export async function createApollo(options: ApolloOptions): Promise<ApolloServer<GraphContext>> {
  const { schema, fastify, formatError, introspection } = options
  const apollo = new ApolloServer<GraphContext>({
    schema,
    plugins: [
      noteErrorOrigin,
      authGate,
      retryAfter,
      fastifyApolloDrainPlugin(fastify),
      ApolloServerPluginLandingPageDisabled(),
    ],
    formatError,
    validationRules,
    parseOptions,
    introspection,
    hideSchemaDetailsFromClientErrors: !introspection,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
  })
  await apollo.start()
  return apollo
}
