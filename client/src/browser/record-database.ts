import type { StoredSession } from '../session/index.ts'

const STORE = 'sessions'

/** The step inside a transaction: receives the stored record, and returns the one to store in its place, if any. */
export type TransactionStep = (stored: StoredSession | null) => StoredSession | null

/** One record in IndexedDB. Every call may reject, or never settle. */
export interface RecordDatabase {
  read(): Promise<StoredSession | null>
  /** Reads and writes in one transaction. A step that returns null changes nothing. */
  update(step: TransactionStep): Promise<void>
  /** In one transaction: if there is no record, passes the one under `formerKey` to `step` and moves the result here. */
  takeOver(formerKey: string, step: TransactionStep): Promise<void>
}

/**
 * All tabs read the same value from IndexedDB. `localStorage` does not guarantee that: each browser process has its own
 * copy, and the next lock holder may read an old one.
 * @param key of the record in the database.
 * @see PROTOCOL.md C1
 */
export function recordDatabase(database: string, key: string): RecordDatabase {
  let opened: Promise<IDBDatabase> | undefined

  const open = (): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(database, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE)
      request.onerror = () => reject(request.error)
      request.onblocked = reject
      request.onsuccess = () => {
        const connection = request.result
        // The browser may close it (storage cleared, another version wanted): reopen it next time.
        const close = (): void => {
          opened = undefined
          connection.close()
        }
        connection.onclose = close
        connection.onversionchange = close
        resolve(connection)
      }
    })

  async function begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
    opened ??= open()
    try {
      return (await opened).transaction(STORE, mode)
    } catch (error) {
      opened = undefined
      throw error
    }
  }

  async function transact(mode: IDBTransactionMode, work: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = await begin(mode)
    await new Promise<unknown>((resolve, reject) => {
      transaction.oncomplete = resolve
      transaction.onabort = reject
      transaction.onerror = reject
      work(transaction.objectStore(STORE))
    })
  }

  const get = (store: IDBObjectStore, from: string, then: TransactionStep): void => {
    const request = store.get(from)
    request.onsuccess = () => {
      const next = then(request.result ?? null)
      if (next) store.put(next, key)
    }
  }

  return {
    async read() {
      let record: StoredSession | null = null
      await transact('readonly', (store) =>
        get(store, key, (stored) => {
          record = stored
          return null
        }),
      )
      return record
    },
    update: (step) => transact('readwrite', (store) => get(store, key, step)),
    takeOver: (formerKey, step) =>
      transact('readwrite', (store) =>
        get(store, key, (stored) => {
          if (!stored) {
            get(store, formerKey, (former) => {
              store.delete(formerKey)
              return step(former)
            })
          }
          return null
        }),
      ),
  }
}
