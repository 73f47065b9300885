import type { Operation } from '@apollo/client/core/index.js'
import type { Session } from '../session/index.ts'

interface StoreHolder {
  /** Apollo Client 4 names the client. */
  readonly client?: { clearStore(): Promise<unknown> }
}

/**
 * Clears the store of each client that sends operations, whenever the session ends: the next person must not find
 * the last one's data. The link is made before the client, so it learns of the client from the operations.
 * @see PROTOCOL.md C6
 */
export function clearStoreAtEnd(session: Session): (operation: Operation) => void {
  const known = new WeakSet<object>()
  return (operation) => {
    const { client } = operation as StoreHolder
    // Apollo Client 3 names only the cache.
    const { cache } = operation.getContext()
    const store = client ?? cache
    if (!store || known.has(store)) return
    known.add(store)
    session.onSessionEnded(() => {
      // Active queries of a page that is being left must not fetch anew, hence no watches; clearStore() does the same.
      const cleared = client ? client.clearStore() : cache.reset?.({ discardWatches: true })
      Promise.resolve(cleared).catch(() => {})
    })
  }
}
