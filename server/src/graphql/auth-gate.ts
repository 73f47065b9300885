import { type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import { type DocumentNode, GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql'
import type { AccessClaims } from '../core/model.ts'
import type { SessionService } from '../core/sessions/session-service.ts'
import { AuthError, BadUserInputError, type ErrorCode, ForbiddenError } from '../errors.ts'
import type { GraphContext, Identity } from './context.ts'
import { measureOperation } from './operation-measure.ts'

/**
 * Refuses a whole operation before any resolver runs: with UNAUTHENTICATED (HTTP 401) if it selects a protected field without
 * a valid access token, with FORBIDDEN if the role is not sufficient. A refused operation had no effect, so sending it again
 * after a refresh is always safe.
 * @see PROTOCOL.md S4, S16, S19
 */
export const authGate: ApolloServerPlugin<GraphContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ schema, document, operation, contextValue: { identity, sessions } }) {
        if (operation === undefined) return // Apollo refuses a request whose operation cannot be found
        const refusal = refusalOf(schema, document, operation, identity)
        if (refusal !== null) throw beforeExecution(refusal)
        const isMutation = operation.operation === 'mutation'
        if (isMutation && 'claims' in identity && measureOperation(schema, document, operation).role !== null) {
          await confirm(identity.claims, sessions)
        }
        if (operation.operation === 'subscription') throw beforeExecution(new BadUserInputError(SOCKET_REQUIRED))
      },
    }
  },
}

/** Mutations do not rely on a list of revocations that may be a moment too old. @throws GraphQLError @see PROTOCOL.md S15 */
async function confirm(claims: AccessClaims, sessions: Pick<SessionService, 'recheck'>): Promise<void> {
  try {
    await sessions.recheck(claims, true)
  } catch (error) {
    throw error instanceof AuthError ? beforeExecution(error) : error
  }
}

const SOCKET_REQUIRED = 'Subscriptions require a WebSocket on this path, with the protocol graphql-transport-ws.'

/** Why the user may not run the operation, over whichever transport; null if it may run. */
export function refusalOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  identity: Identity,
): AuthError | null {
  const { signIns, role } = measureOperation(schema, document, operation)
  // Each request is then one attempt, and the limits on attempts need not know about aliases.
  if (signIns > 1) return new BadUserInputError('An operation may contain only one "login" or "register" field.')
  if (role === null) return null
  if ('refusal' in identity) return identity.refusal
  const { userId, role: ownRole } = identity.claims
  return role === 'ADMIN' && ownRole !== 'ADMIN'
    ? new ForbiddenError('This requires the role ADMIN.', { userId, requiredRole: role })
    : null
}

const statuses: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  SERVICE_UNAVAILABLE: 503,
}

/** Without a status, Apollo answers 500 to an error before execution. */
function beforeExecution(cause: AuthError): GraphQLError {
  const status = statuses[cause.code] ?? 200
  const headers = new HeaderMap(status === 401 ? [['www-authenticate', 'Bearer']] : [])
  return new GraphQLError(cause.message, { originalError: cause, extensions: { http: { status, headers } } })
}
