import {
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
import { AuthError, BadUserInputError } from '../errors.ts'
import { refusalOf } from './auth-gate.ts'
import type { GraphContext, Identity } from './context.ts'
import type { createFormatError } from './format-error.ts'
import { identify } from './identify.ts'
import { parseOptions, validationRules } from './query-limits.ts'

/** One socket as the protocol sees it. */
export interface Connection {
  close(code: number, reason: string): void
  isOpen(): boolean
  /** Who it is; set when the connection is taken. */
  identity?: Extract<Identity, { claims: unknown }>
  /** Lets go of what holds the connection to its access token. */
  release?: () => void
}

export interface SubscriptionServerOptions {
  schema: GraphQLSchema
  services: Pick<GraphContext, 'sessions' | 'devices' | 'accounts'>
  connections: LiveConnections
  formatError: ReturnType<typeof createFormatError>
  /** Whether errors name parts of the schema that were meant. */
  hideSuggestions: boolean
  /** How long a socket may take to say who it is. */
  initTimeoutMs: number
  /** Subscriptions that one socket may have at a time. */
  mostSubscriptions: number
}

/** Of the session, not of the socket: graphql-ws knows the same number for a socket that says twice who it is. */
const TOO_MANY_CONNECTIONS = 4429
/** The database is away: nothing was decided. @see RFC 6455, IANA's WebSocket close codes */
const TRY_AGAIN_LATER = 1013

/**
 * Subscriptions, with the access token from `connection_init`, the same gate and limits as requests and the same errors.
 * Nothing else runs here: a sign-in over a socket could set no cookie and would be counted nowhere.
 * @see PROTOCOL.md S4, S16, S17
 */
export function createSubscriptionServer(options: SubscriptionServerOptions): Server<Connection> {
  const { schema, services, connections, formatError, hideSuggestions } = options

  async function admit(connection: Connection, authorization: unknown): Promise<boolean> {
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
    connection.identity = identity
    connection.release = release
    return true
  }

  /** @throws AuthError, GraphQLError when the operation may not run. */
  function prepare({ query, operationName, variables }: SubscribePayload, context: GraphContext): ExecutionArgs {
    const document = refusing('GRAPHQL_PARSE_FAILED', () => parse(query, parseOptions))
    const [invalid] = validate(schema, document, [...specifiedRules, ...validationRules], { hideSuggestions })
    if (invalid !== undefined) throw withCode('GRAPHQL_VALIDATION_FAILED', invalid)
    const operation = getOperationAST(document, operationName)
    if (operation == null) {
      const error = new GraphQLError('Name the operation to run: there is none of this name, or more than one.')
      throw withCode('OPERATION_RESOLUTION_FAILURE', error)
    }
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      throw new BadUserInputError('Only subscriptions run over a socket. Send queries and mutations by POST.')
    }
    const refusal = refusalOf(schema, document, operation, context.identity)
    if (refusal !== null) throw refusal
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, { hideSuggestions })
    if (coerced.errors?.[0] !== undefined) throw withCode('BAD_USER_INPUT', coerced.errors[0])
    return { schema, document, operationName, variableValues: variables, contextValue: context, hideSuggestions }
  }

  async function begin(
    { extra, subscriptions }: Context<undefined, Connection>,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | GraphQLError[]> {
    const { identity } = extra
    try {
      if (identity === undefined) throw new Error('A connection was acknowledged without a person.')
      if (Object.keys(subscriptions).length > options.mostSubscriptions) {
        throw new BadUserInputError(`A socket has at most ${options.mostSubscriptions} subscriptions at a time.`)
      }
      await services.sessions.recheck(identity.claims)
      return prepare(payload, { ...services, ...ofSocket, identity, answered: new Set() })
    } catch (error) {
      if (error instanceof AuthError && error.code === 'UNAUTHENTICATED') extra.close(CloseCode.Forbidden, 'Forbidden')
      return [error instanceof GraphQLError ? error : wrap(error)]
    }
  }

  const format = (errors: readonly GraphQLError[]) => errors.map((error) => formatError(error.toJSON(), error))

  return makeServer<undefined, Connection>({
    connectionInitWaitTimeout: options.initTimeoutMs,
    onConnect: ({ connectionParams, extra }) => admit(extra, authorizationOf(connectionParams)),
    onSubscribe: (context, _id, payload) => begin(context, payload),
    // It throws only where `@skip` or `@include` leave no field, and that would close the socket for all its subscriptions.
    subscribe: async (args) => {
      try {
        return await subscribe(args as ExecutionArgs)
      } catch {
        return { errors: [wrap(new BadUserInputError('The subscription leaves out its only field.'))] }
      }
    },
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors && ({ ...result, errors: format(result.errors) } as FormattedExecutionResult),
    onError: (_context, _id, _payload, errors) => format(errors as GraphQLError[]),
    onClose: ({ extra }) => extra.release?.(),
  })
}

/** Named as the header is, in any case. */
const authorizationOf = (params: Readonly<Record<string, unknown>> = {}): unknown =>
  Object.entries(params).find(([name]) => name.toLowerCase() === 'authorization')?.[1]

/** What a request has and a socket has not. */
const ofSocket: Pick<GraphContext, 'origin' | 'cookie'> = {
  origin: { userAgent: null, ipAddress: null },
  cookie: { read: () => null, set: () => {}, clear: () => {} },
}

const wrap = (error: unknown) =>
  new GraphQLError('', { originalError: error instanceof Error ? error : new Error(String(error)) })

/** The codes that Apollo gives such errors of requests. */
function withCode(code: string, error: GraphQLError): GraphQLError {
  error.extensions.code = code
  return error
}

function refusing<T>(code: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof GraphQLError ? withCode(code, error) : error
  }
}
