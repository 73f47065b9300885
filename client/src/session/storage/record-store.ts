import type { CancelSignal } from '../async/cancel.ts'
import { within } from '../async/waiting.ts'
import type { Clock, Storage, StoredSession } from '../ports.ts'

/** How long a storage call may take. IndexedDB hangs forever in some browsers; a session must not. */
const STORAGE_TIMEOUT_MS = 1_000

/** The storage port without its failures: every call settles in bounded time and never rejects. */
export interface RecordStore {
  /**
   * @param onLate receives what is stored if it takes longer than the bound.
   * @returns undefined when the storage does not work at the moment.
   */
  read(onLate?: (stored: StoredSession | null) => void): Promise<StoredSession | null | undefined>
  /** @returns false when the stored record no longer has `version`; returns true if the storage fails. */
  write(next: StoredSession, version: number): Promise<boolean>
  /** Takes effect before it returns. */
  forget(epoch: number): Promise<void>
}

/** @param disposed aborting it ends all waiting. */
export function createRecordStore(storage: Storage, clock: Clock, disposed: CancelSignal): RecordStore {
  const bounded = <T, O = undefined>(work: () => Promise<T>, otherwise?: O): Promise<T | O> =>
    within<T | O>(clock, STORAGE_TIMEOUT_MS, work(), () => otherwise as O, disposed).catch(() => otherwise as O)
  return {
    read(onLate) {
      let isLate = false
      const reading = (async () => storage.read())()
      if (onLate) reading.then((stored) => isLate && !disposed.aborted && onLate(stored)).catch(() => {})
      return bounded(() => reading).finally(() => {
        isLate = true
      })
    },
    write: (next, version) => bounded(async () => storage.write(next, version), true),
    forget: (epoch) => bounded(async () => storage.forget?.(epoch)),
  }
}
