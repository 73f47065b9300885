import { ApolloLink, Observable, type Operation } from '@apollo/client/core/index.js'
import type { Session } from '../session/index.ts'
import type { IsUnauthenticated } from '../transport/graphql-errors.ts'
import { sendOperation } from './attempt.ts'
import { clearStoreAtEnd } from './clear-store-at-end.ts'
import { isPublicOperation } from './is-public-operation.ts'
import { createTokenGuard } from './token-guard.ts'

export type { GraphqlErrorLike, IsUnauthenticated } from '../transport/graphql-errors.ts'

/** Which operations need no access token, and which answers refuse it. */
export interface SilentRefreshLinkOptions {
  /**
   * Root fields that need no access token, in addition to login, register, refreshToken and logout. Operations that
   * select only these fields carry no token, never wait and never refresh. The same is true of every operation with
   * `public: true` in its context.
   */
  readonly publicFields?: readonly string[] | undefined
  /**
   * For servers with other codes: whether a GraphQL error means that the access token was refused; `undefined` leaves the
   * decision to the default.
   * @default `UNAUTHENTICATED` and unmistakable codes such as `invalid-jwt` and `TOKEN_EXPIRED`, and HTTP 401 unless its
   * code says otherwise (`INVALID_CREDENTIALS`)
   */
  readonly isUnauthenticated?: IsUnauthenticated | undefined
}

/**
 * Adds the access token to every operation and refreshes it silently. Place it before the `HttpLink`:
 * `from([silentRefreshLink(session), httpLink])`. For `@apollo/client` 3.8 and later, and 4.
 *
 * Operations fail with `SessionEndedError` or `RefreshFailedError` when there is no token (in Apollo Client 3 as the
 * `networkError` of the `ApolloError`), and with a `TypeError` when they go to another server than the session's. When the
 * session ends, the client's store is cleared.
 *
 * If the session's transport has `credentials: 'include'`, so has every operation, whatever the `HttpLink` says, unless
 * the operation's context has its own `credentials`. Set these where an `HttpLink` sends operations to one of the
 * `resourceServers`, because the link sees the URL only in `context.uri`.
 * @see PROTOCOL.md C2–C6, C8–C10, C17
 */
export function silentRefreshLink(session: Session, options: SilentRefreshLinkOptions = {}): ApolloLink {
  const { publicFields, isUnauthenticated } = options
  // C8: a retry link before ours sends an operation through here again without knowing whose it is.
  const owners = new WeakMap<object, string | null>()
  const guard = createTokenGuard(session)

  return new ApolloLink((operation, forward) => {
    addCredentials(session, operation)
    if (isPublicOperation(operation, publicFields)) return forward(operation)
    clearStoreAtEnd(session, operation)
    return new Observable((observer) => {
      const owner = owners.has(operation) ? (owners.get(operation) ?? null) : session.userId
      owners.set(operation, owner)
      return sendOperation({ session, operation, forward, observer, owner, guard, isUnauthenticated })
    })
  })
}

/** The context takes precedence over the options of the `HttpLink`, in both versions of Apollo Client. */
function addCredentials(session: Session, operation: Operation): void {
  const { credentials, fetchOptions, uri } = operation.getContext()
  const needed = session.credentialsFor(typeof uri === 'string' ? uri : undefined)
  if (needed && !credentials && !fetchOptions?.credentials) operation.setContext({ credentials: needed })
}
