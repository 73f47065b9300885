import type { Operation } from '@apollo/client/core/index.js'
import type { Session } from '../session/index.ts'

interface Store {
  reset?(options: { discardWatches: boolean }): Promise<unknown>
}

/**
 * Clears the store of each client that sends operations whenever the session ends: the next user must not see the previous
 * user's data. The link is created before the client, so it learns of the client from the operations.
 * @see PROTOCOL.md C6
 */
export function clearStoreAtEnd(session: Session): (operation: Operation) => void {
  const known = new WeakSet<object>()
  return (operation) => {
    // Apollo Client 4 names the client, Apollo Client 3 only the cache.
    const { client } = operation as { client?: { readonly cache: Store } }
    const cache: Store | undefined = client?.cache ?? operation.getContext().cache
    if (!cache || known.has(cache)) return
    known.add(cache)
    session.onSessionEnded(() => {
      // The cache and not the client, because `clearStore()` would fail waiting operations with its own error. After a
      // sign-out, active queries stop fetching; after another user's sign-in, they fetch that user's data.
      cache.reset?.({ discardWatches: session.userId === null }).catch(() => {})
    })
  }
}
