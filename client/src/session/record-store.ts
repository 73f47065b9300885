import type { CancelSignal } from './cancel.ts'
import type { Clock, Storage, StoredSession } from './ports.ts'
import { within } from './waiting.ts'

/** How long the storage may take. IndexedDB can hang for good in some browsers, and a session must not. */
const STORAGE_TIMEOUT_MS = 1_000

/** The storage port with its troubles taken out: it answers in bounded time and never rejects. */
export class RecordStore {
  readonly #storage: Storage
  readonly #clock: Clock
  readonly #disposed: CancelSignal

  constructor(storage: Storage, clock: Clock, disposed: CancelSignal) {
    this.#storage = storage
    this.#clock = clock
    this.#disposed = disposed
  }

  /** @returns undefined when the storage is of no use just now. */
  read(): Promise<StoredSession | null | undefined> {
    return this.#bounded<StoredSession | null | undefined>(async () => this.#storage.read(), undefined)
  }

  /** @returns false when what is stored is not of `version` any more. A broken storage does not count as that. */
  write(next: StoredSession, version: number): Promise<boolean> {
    return this.#bounded(async () => this.#storage.write(next, version), true)
  }

  #bounded<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    return within(this.#clock, STORAGE_TIMEOUT_MS, work(), () => otherwise, this.#disposed).catch(() => otherwise)
  }
}
