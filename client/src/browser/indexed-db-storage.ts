import type { Storage, StoredSession } from '../session/index.ts'

const STORE = 'sessions'

/**
 * Keeps the session's record in IndexedDB, which all tabs read alike: `localStorage` is a copy in each browser
 * process, and a tab that has just got the lock may read the old one. A lookup and its write are one transaction.
 *
 * With the cookie transport the record says only who is signed in and is no secret; else the tokens are in it.
 * @param name of the database; one for each session of an origin.
 * @see PROTOCOL.md C1, C11
 */
export function indexedDbStorage(name = 'silent-refresh'): Storage {
  let opened: Promise<IDBDatabase> | undefined

  const open = (): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE)
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const database = request.result
        // The browser may close it (storage cleared, another version wanted): open it anew next time.
        const forget = (): void => {
          opened = undefined
          database.close()
        }
        database.onclose = forget
        database.onversionchange = forget
        resolve(database)
      }
    })

  async function transact<T>(
    mode: IDBTransactionMode,
    step: (store: IDBObjectStore, done: (value: T) => void) => void,
  ) {
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
      step(transaction.objectStore(STORE), (value) => {
        result = value
      })
    })
  }

  return {
    shared: true,
    read: () =>
      transact<StoredSession | null>('readonly', (store, done) => {
        const request = store.get(name)
        request.onsuccess = () => done(request.result ?? null)
      }),
    write: (next, version) =>
      transact<boolean>('readwrite', (store, done) => {
        const request = store.get(name)
        request.onsuccess = () => {
          const unchanged = (request.result?.version ?? 0) === version
          if (unchanged) store.put(next, name)
          done(unchanged)
        }
      }),
  }
}
