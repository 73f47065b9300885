import {
  type DocumentNode,
  type ExecutionArgs,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  OperationTypeNode,
  parse,
  specifiedRules,
  subscribe,
  validate,
} from 'graphql'
import { CloseCode, type Context, makeServer, type Server, type SubscribePayload } from 'graphql-ws'
import type { LiveConnections } from '../core/revocation/live-connections.ts'
import type { Services } from '../core/services.ts'
import { AuthError, BadUserInputError } from '../errors.ts'
import { refusalOf } from './auth-gate.ts'
import type { GraphContext, Identity } from './context.ts'
import type { FormatError } from './format-error.ts'
import { identify } from './identify.ts'
import { parseOptions, validationRules } from './query-limits.ts'

/** A socket as the protocol sees it. */
export interface Connection {
  close(code: number, reason: string): void
  isOpen(): boolean
  /** The user; set when the connection is accepted. */
  identity?: Extract<Identity, { claims: unknown }>
  /** Stops tying the connection to its access token. */
  release?: () => void
}

export interface SubscriptionServerOptions {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly connections: LiveConnections
  readonly formatError: FormatError
  /** Whether errors suggest names from the schema. */
  readonly hideSuggestions: boolean
  /** How long a socket may take to authenticate, in milliseconds, and how many concurrent subscriptions it may have. */
  readonly limits: { readonly initTimeoutMs: number; readonly maxSubscriptions: number }
}

/** The session has too many sockets. graphql-ws sends the same code to a socket that authenticates twice. */
const TOO_MANY_CONNECTIONS = 4429
/** The database is unavailable, so nothing was decided. @see RFC 6455, IANA's WebSocket close codes */
const TRY_AGAIN_LATER = 1013

/**
 * Subscriptions, with the access token from `connection_init` and the gate, limits and errors of requests. Queries and mutations
 * are refused: a sign-in over a socket could set no cookie, and the limits on attempts would not see its address.
 * @see PROTOCOL.md S4, S16, S17
 */
export function createSubscriptionServer(options: SubscriptionServerOptions): Server<Connection> {
  const { schema, services, connections, formatError, hideSuggestions, limits } = options

  async function accept(connection: Connection, authorization: unknown): Promise<boolean> {
    const header = typeof authorization === 'string' ? authorization : undefined
    const identity = await identify(header, services.sessions)
    if (!connection.isOpen()) return false
    if ('refusal' in identity) {
      if (identity.refusal.code === 'SERVICE_UNAVAILABLE') connection.close(TRY_AGAIN_LATER, 'Try again later')
      return false
    }
    const release = connections.hold(identity.claims, () => connection.close(CloseCode.Forbidden, 'Forbidden'))
    if (release === null) {
      connection.close(TOO_MANY_CONNECTIONS, 'Too many connections of this session')
      return false
    }
    Object.assign(connection, { identity, release })
    return true
  }

  /** @throws AuthError, GraphQLError if the operation may not run */
  function prepare({ query, operationName, variables }: SubscribePayload, contextValue: GraphContext): ExecutionArgs {
    const document = parseQuery(query)
    const [invalid] = validate(schema, document, [...specifiedRules, ...validationRules], { hideSuggestions })
    if (invalid !== undefined) throw withCode('GRAPHQL_VALIDATION_FAILED', invalid)
    const operation = getOperationAST(document, operationName)
    if (operation == null) {
      const error = new GraphQLError('Name one of the operations in the document, unless it contains only one.')
      throw withCode('OPERATION_RESOLUTION_FAILURE', error)
    }
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      throw new BadUserInputError('Only subscriptions run over a WebSocket. Send queries and mutations by POST.')
    }
    const refusal = refusalOf(schema, document, operation, contextValue.identity)
    if (refusal !== null) throw refusal
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, { hideSuggestions })
    if (coerced.errors?.[0] !== undefined) throw withCode('BAD_USER_INPUT', coerced.errors[0])
    return { schema, document, operationName, variableValues: variables, contextValue, hideSuggestions }
  }

  async function begin(
    { extra, subscriptions }: Context<undefined, Connection>,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    const { identity } = extra
    try {
      if (identity === undefined) throw new Error('The connection was accepted without an identity.')
      if (Object.keys(subscriptions).length > limits.maxSubscriptions) {
        throw new BadUserInputError(`A socket may have at most ${limits.maxSubscriptions} concurrent subscriptions.`)
      }
      await services.sessions.recheck(identity.claims)
      return prepare(payload, { ...services, ...withoutRequest, identity, answered: new Set() })
    } catch (error) {
      if (error instanceof AuthError && error.code === 'UNAUTHENTICATED') extra.close(CloseCode.Forbidden, 'Forbidden')
      return [error instanceof GraphQLError ? error : wrap(error)]
    }
  }

  const format = (errors: readonly GraphQLError[]) => errors.map((error) => formatError(error.toJSON(), error))

  return makeServer<undefined, Connection>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    onConnect: ({ connectionParams, extra }) => accept(extra, authorizationOf(connectionParams)),
    onSubscribe: (context, _id, payload) => begin(context, payload),
    subscribe: async (args) => {
      try {
        return await subscribe(args as ExecutionArgs)
      } catch {
        // Thrown only if `@skip` or `@include` leave no field. Uncaught, it would close the socket with all its subscriptions.
        return {
          errors: [wrap(new BadUserInputError('@skip or @include removes the only field of the subscription.'))],
        }
      }
    },
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors && ({ ...result, errors: format(result.errors) } as FormattedExecutionResult),
    onError: (_context, _id, _payload, errors) => format(errors as GraphQLError[]),
    onClose: ({ extra }) => extra.release?.(),
  })
}

/** The value of `authorization`, whose name may be in any case, like that of the header. */
const authorizationOf = (params: Readonly<Record<string, unknown>> = {}): unknown =>
  Object.entries(params).find(([name]) => name.toLowerCase() === 'authorization')?.[1]

/** Stands for what only a request has. */
const withoutRequest: Pick<GraphContext, 'origin' | 'cookie' | 'deviceCookie'> = {
  origin: { userAgent: null, ipAddress: null },
  cookie: { read: () => [], set: () => {}, clear: () => {} },
  deviceCookie: { read: () => [], set: () => {} },
}

const wrap = (error: unknown) =>
  new GraphQLError('', { originalError: error instanceof Error ? error : new Error(String(error)) })

function parseQuery(query: string): DocumentNode {
  try {
    return parse(query, parseOptions)
  } catch (error) {
    throw error instanceof GraphQLError ? withCode('GRAPHQL_PARSE_FAILED', error) : error
  }
}

/** Adds the code that Apollo gives to such an error of a request. */
function withCode(code: string, error: GraphQLError): GraphQLError {
  error.extensions.code = code
  return error
}
