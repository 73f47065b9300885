import type { Storage, StoredSession } from '../session/index.ts'
import { afterForgetting } from './forgotten.ts'

const STORE = 'sessions'

/**
 * Keeps the session's record in IndexedDB, which all tabs read alike: `localStorage` is a copy in each browser
 * process, and a tab that has just got the lock may read the old one. A lookup and its write are one transaction.
 * Only how far sign-ins are forgotten stands in `localStorage`: a page that is left takes its transactions with it.
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

  const forgottenKey = `${name}.forgotten`
  const forgotten = (): number => {
    try {
      return Number(localStorage.getItem(forgottenKey)) || 0
    } catch {
      // Workers have none, and some pages may not use it.
      return 0
    }
  }

  /** One transaction: looks at what is stored, which may be forgotten by now (`record` is not), and decides. */
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
        result = step(afterForgetting(record, forgotten()), record, store)
      }
    })
  }

  const write = (next: StoredSession, version: number): Promise<boolean> =>
    transact('readwrite', (stored, _, store) => {
      const unchanged = (stored?.version ?? 0) === version
      if (unchanged) store.put(next, name)
      return unchanged
    })

  return {
    shared: true,
    write,
    async read() {
      const [stored, record] = await transact('readonly', (...both) => both)
      // The page that forgot was left before its write, and tokens may be in that record.
      if (stored && stored !== record) await write(stored, stored.version)
      return stored
    },
    forget(epoch) {
      localStorage.setItem(forgottenKey, String(Math.max(epoch, forgotten())))
    },
  }
}
