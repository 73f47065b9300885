import type { Storage, StoredSession } from '../session/index.ts'
import { applySignOutMarker } from './sign-out-marker.ts'

const STORE = 'sessions'

/**
 * Keeps the session's record in IndexedDB, where all tabs read the same value. `localStorage` does not guarantee that: each
 * browser process has its own copy, and the next lock holder may read an old one. Reading and writing happen in one
 * transaction.
 *
 * Only the sign-out marker is kept in `localStorage`, because transactions are lost when the user leaves the page.
 *
 * With the cookie transport, the record contains the user's id and no secret; otherwise it also contains the tokens.
 * @param name of the database; one for each session of an origin.
 * @see PROTOCOL.md C1, C11
 */
export function indexedDbStorage(name = 'silent-refresh'): Storage {
  const markerKey = `${name}.forgotten`
  let opened: Promise<IDBDatabase> | undefined

  const open = (): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE)
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const database = request.result
        // The browser may close it (storage cleared, another version wanted): reopen it next time.
        const close = (): void => {
          opened = undefined
          database.close()
        }
        database.onclose = close
        database.onversionchange = close
        resolve(database)
      }
    })

  const signedOutUpTo = (): number => {
    try {
      return Number(localStorage.getItem(markerKey)) || 0
    } catch {
      // Workers have no localStorage, and some pages may not use it.
      return 0
    }
  }

  /** One transaction. `step` receives the effective record (see `applySignOutMarker`) and the stored one. */
  async function transact<T>(
    mode: IDBTransactionMode,
    step: (stored: StoredSession | null, record: StoredSession | null, store: IDBObjectStore) => T,
  ): Promise<T> {
    opened ??= open()
    opened.catch(() => {
      opened = undefined
    })
    const database = await opened
    return new Promise<T>((resolve, reject) => {
      let result: T
      let transaction: IDBTransaction
      try {
        transaction = database.transaction(STORE, mode)
      } catch (error) {
        opened = undefined
        return reject(error)
      }
      transaction.oncomplete = () => resolve(result)
      transaction.onabort = () => reject(transaction.error)
      transaction.onerror = () => reject(transaction.error)
      const store = transaction.objectStore(STORE)
      const request = store.get(name)
      request.onsuccess = () => {
        const record: StoredSession | null = request.result ?? null
        result = step(applySignOutMarker(record, signedOutUpTo()), record, store)
      }
    })
  }

  const write = (next: StoredSession, version: number): Promise<boolean> =>
    transact('readwrite', (stored, _, store) => {
      const isUnchanged = (stored?.version ?? 0) === version
      if (isUnchanged) store.put(next, name)
      return isUnchanged
    })

  return {
    shared: true,
    write,
    async read() {
      const [stored, record] = await transact('readonly', (...both) => both)
      // The user left the page that signed out before it could write, and the old record may contain tokens.
      if (stored && stored !== record) await write(stored, stored.version)
      return stored
    },
    forget(epoch) {
      localStorage.setItem(markerKey, String(Math.max(epoch, signedOutUpTo())))
    },
  }
}
