import { type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { type AuthError, BadUserInputError, type ErrorCode, ForbiddenError } from '../errors.ts'
import type { GraphContext, Identity } from './context.ts'
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
        const refusal = refusalOf(schema, document, operation, identity)
        if (refusal !== null) throw beforeExecution(refusal, statuses[refusal.code] ?? 200)
        if (operation.operation === 'subscription') throw beforeExecution(new BadUserInputError(ONLY_BY_SOCKET), 400)
      },
    }
  },
}

const ONLY_BY_SOCKET = 'Subscriptions run over a WebSocket on this path, with the protocol graphql-transport-ws.'

const statuses: Partial<Record<ErrorCode, number>> = { UNAUTHENTICATED: 401, SERVICE_UNAVAILABLE: 503 }

/** Why the person may not run the operation, over whichever transport; null: it may run. */
export function refusalOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  identity: Identity,
): AuthError | null {
  const role = requiredRole(schema, operation, fragmentsOf(document))
  if (role === null) return null
  if ('refusal' in identity) return identity.refusal
  return role === 'ADMIN' && identity.claims.role !== 'ADMIN' ? new ForbiddenError('This needs the role ADMIN.') : null
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
