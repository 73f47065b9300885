import { type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import { type DocumentNode, type FragmentDefinitionNode, GraphQLError, Kind } from 'graphql'
import { ForbiddenError } from '../errors.ts'
import type { GraphContext } from './context.ts'
import { requiredRole } from './required-role.ts'

/**
 * Refuses a whole operation before any resolver runs: with HTTP 401 and UNAUTHENTICATED when it selects a protected field
 * without a good access token, with FORBIDDEN when the role does not do. So what failed here had no effect, and sending it
 * again after a refresh is always safe.
 * @see PROTOCOL.md S4, S16
 */
export const authGate: ApolloServerPlugin<GraphContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, document, operation, contextValue: { identity } }) {
        if (operation === undefined) return // a request that names no operation is refused by Apollo
        const role = requiredRole(schema, operation, fragmentsOf(document))
        if (role === null) return
        if ('refusal' in identity) {
          throw beforeExecution(identity.refusal, identity.refusal.code === 'UNAUTHENTICATED' ? 401 : 503)
        }
        if (role === 'ADMIN' && identity.claims.role !== 'ADMIN') {
          throw beforeExecution(new ForbiddenError('This needs the role ADMIN.'), 200)
        }
      },
    }
  },
}

/** Apollo answers 500 to an error before execution unless it is told otherwise. */
function beforeExecution(cause: Error, status: number): GraphQLError {
  const headers = new HeaderMap(status === 401 ? [['www-authenticate', 'Bearer']] : [])
  return new GraphQLError(cause.message, { originalError: cause, extensions: { http: { status, headers } } })
}

export function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((definition) => [definition.name.value, definition]),
  )
}
