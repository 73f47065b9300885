import type { Operation } from '@apollo/client/core/index.js'
import { listenWhileAlive } from '../session/async/listen-while-alive.ts'
import type { Session } from '../session/index.ts'

interface Store {
  reset?(options: { discardWatches: boolean }): Promise<unknown>
}

/** The stores that each session clears, whichever links they came through. */
const storesOf = new WeakMap<Session, WeakSet<Store>>()

/**
 * Clears the store of the client that sends the operation whenever the session ends: the next user must not see the previous
 * user's data. The link is created before the client, so it learns of the client from the operations. The session keeps no
 * store in memory.
 * @see PROTOCOL.md C6
 */
export function clearStoreAtEnd(session: Session, operation: Operation): void {
  // Apollo Client 4 names the client, Apollo Client 3 only the cache.
  const { client } = operation as { client?: { readonly cache: Store } }
  const store: Store | undefined = client?.cache ?? operation.getContext().cache
  const known = storesOf.get(session) ?? new WeakSet()
  if (!store || known.has(store)) return
  storesOf.set(session, known.add(store))
  listenWhileAlive(store, session.onSessionEnded, () => {
    // The cache and not the client, because `clearStore()` would fail waiting operations with its own error. After a
    // sign-out, active queries stop fetching; after another user's sign-in, they fetch that user's data.
    store.reset?.({ discardWatches: session.userId === null }).catch(() => {})
  })
}
