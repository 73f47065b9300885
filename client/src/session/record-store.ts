import type { CancelSignal } from './cancel.ts'
import type { Clock, Storage, StoredSession } from './ports.ts'
import { within } from './waiting.ts'

/** How long the storage may take. IndexedDB can hang for good in some browsers, and a session must not. */
const STORAGE_TIMEOUT_MS = 1_000

/** The storage port with its troubles taken out: it answers in bounded time and never rejects. */
export interface RecordStore {
  /** @returns undefined when the storage is of no use just now. */
  read(): Promise<StoredSession | null | undefined>
  /** @returns false when what is stored is not of `version` any more. A broken storage does not count as that. */
  write(next: StoredSession, version: number): Promise<boolean>
  /** Done when it returns. */
  forget(epoch: number): Promise<void>
}

/** @param disposed when it is aborted, nothing is waited for any more. */
export function recordStore(storage: Storage, clock: Clock, disposed: CancelSignal): RecordStore {
  const bounded = <T, O = undefined>(work: () => Promise<T>, otherwise?: O): Promise<T | O> =>
    within<T | O>(clock, STORAGE_TIMEOUT_MS, work(), () => otherwise as O, disposed).catch(() => otherwise as O)
  return {
    read: () => bounded(async () => storage.read()),
    write: (next, version) => bounded(async () => storage.write(next, version), true),
    forget: (epoch) => bounded(async () => storage.forget?.(epoch)),
  }
}
