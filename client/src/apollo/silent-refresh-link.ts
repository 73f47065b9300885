import { ApolloLink, Observable } from '@apollo/client/core/index.js'
import { onError } from '@apollo/client/link/error/index.js'
import type { Session } from '../session/index.ts'
import { type Attempt, createAttempt } from './attempt.ts'
import { clearStoreAtEnd } from './clear-store-at-end.ts'
import { isMutation, isPublicOperation } from './is-public-operation.ts'
import { readFailure } from './read-failure.ts'

/** Which operations need no access token. */
export interface SilentRefreshLinkOptions {
  /**
   * Root fields that need no access token, in addition to login, register, refreshToken and logout. Operations that
   * select only these fields carry no token, never wait and never refresh. The same is true of every operation with
   * `public: true` in its context.
   */
  readonly publicFields?: readonly string[] | undefined
}

/**
 * Adds the access token to every operation and refreshes it silently. Place it before the `HttpLink`:
 * `from([silentRefreshLink(session), httpLink])`. For `@apollo/client` 3.8 and later, and 4.
 *
 * Operations fail with `SessionEndedError` or `RefreshFailedError` when there is no token (in Apollo Client 3 as the
 * `networkError` of the `ApolloError`). When the session ends, the client's store is cleared.
 * @see PROTOCOL.md C2–C6, C8–C10
 */
export function silentRefreshLink(session: Session, options: SilentRefreshLinkOptions = {}): ApolloLink {
  const attempts = new WeakMap<object, Attempt>()
  const clearItsStoreAtEnd = clearStoreAtEnd(session)

  const header = new ApolloLink((operation, forward) => {
    if (isPublicOperation(operation, options.publicFields)) return forward(operation)
    clearItsStoreAtEnd(operation)
    return new Observable((observer) => {
      // C8: a retry link before ours sends an operation through here again without knowing whose it is.
      const own = createAttempt(session, operation, attempts.get(operation)?.owner)
      attempts.set(operation, own)
      void own.send(forward, observer)
      return own.cancel
    })
  })

  const replay = onError((response) => {
    const { operation, forward } = response
    const own = attempts.get(operation)
    const failure = readFailure(response)
    if (!own?.mayReplay() || !failure.unauthenticated) return
    if (failure.didRun && isMutation(operation)) return own.report({ type: 'notReplayed', why: 'didRun' })
    return new Observable((observer) => void own.send(forward, observer))
  })

  return ApolloLink.from([header, replay])
}
