import { ApolloServer, type ApolloServerOptionsWithSchema } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { authGate } from '../graphql/auth-gate.ts'
import type { GraphContext } from '../graphql/context.ts'
import { noteErrorOrigin } from '../graphql/format-error.ts'
import { parseOptions, validationRules } from '../graphql/query-limits.ts'
import { retryAfter } from '../graphql/retry-after.ts'

/**
 * Apollo Server with our plugins and limits, and without its landing page, which loads scripts from a CDN, its cache hints,
 * which cost a call per field, and its reports, which an environment variable of another program would turn on.
 * @param fastify closed when Apollo stops.
 */
export async function createApollo(
  fastify: FastifyInstance,
  options: Required<Pick<ApolloServerOptionsWithSchema<GraphContext>, 'schema' | 'formatError' | 'introspection'>>,
): Promise<ApolloServer<GraphContext>> {
  const apollo = new ApolloServer<GraphContext>({
    ...options,
    plugins: [
      noteErrorOrigin,
      authGate,
      retryAfter,
      fastifyApolloDrainPlugin(fastify),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
    ],
    validationRules,
    parseOptions,
    hideSchemaDetailsFromClientErrors: !options.introspection,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
  })
  await apollo.start()
  return apollo
}
