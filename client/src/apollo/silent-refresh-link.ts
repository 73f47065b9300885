import { ApolloLink, Observable } from '@apollo/client/core/index.js'
import { onError } from '@apollo/client/link/error/index.js'
import type { Session } from '../session/index.ts'
import { type Attempt, attempt } from './attempt.ts'
import { clearStoreAtEnd } from './clear-store.ts'
import { isMutation, isPublic, readFailure } from './read-operation.ts'

/** What the link need not look after. */
export interface SilentRefreshLinkOptions {
  /**
   * Root fields that need no access token, beside login, register, refreshToken and logout. An operation of these alone
   * carries none, never waits and never refreshes; so does every operation whose context says `public: true`.
   */
  readonly publicFields?: readonly string[] | undefined
}

/**
 * Puts the access token on every operation and renews it silently. Place it before the `HttpLink`:
 * `from([silentRefreshLink(session), httpLink])`. For `@apollo/client` 3.8 and later, and 4.
 *
 * Operations reject with `SessionEndedError` or `RefreshFailedError` when no token is to be had (in Apollo Client 3 as
 * `networkError` of the `ApolloError`). When the session ends, the client's store is cleared.
 * @see PROTOCOL.md C2–C6, C8–C10
 */
export function silentRefreshLink(session: Session, options: SilentRefreshLinkOptions = {}): ApolloLink {
  const attempts = new WeakMap<object, Attempt>()
  const keepStore = clearStoreAtEnd(session)

  const header = new ApolloLink((operation, forward) => {
    if (isPublic(operation, options.publicFields)) return forward(operation)
    keepStore(operation)
    return new Observable((observer) => {
      // C8: a retry link before ours sends an operation through here anew, and knows of no persons.
      const own = attempt(session, operation, attempts.get(operation)?.owner)
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
