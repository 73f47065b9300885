import type { CookieHint, StoredSession } from '../ports.ts'
import type { StateMachine } from '../state-machine.ts'
import type { IssuedToken } from '../tokens/access-token.ts'
import type { RecordStore } from './record-store.ts'

/** How often a sign-in or sign-out is written again because other tabs write at the same moment. */
const MAX_WRITE_ROUNDS = 5

/** The record store, and how it and this tab's state stay in step. */
export interface Records extends RecordStore {
  /**
   * Adopts the stored record if it is newer than this tab's, also when the storage answers late: on a cold start,
   * IndexedDB may take seconds.
   * @param tokenIn what is known of its access token.
   * @param caughtUp called after each look at it.
   */
  catchUp(tokenIn: (stored: StoredSession) => IssuedToken | null, caughtUp?: () => void): Promise<void>
  /**
   * Stores a sign-in or sign-out of this tab, replacing whatever is stored.
   * @returns false when another sign-in or sign-out of this tab overtook it.
   */
  save(): Promise<boolean>
  /** Whether the storage has answered, or this tab has stored a record. */
  isKnown(): boolean
  /** Settles once the last `save` is done. */
  saved(): Promise<unknown>
}

/** @param cookieHint whose session is in the cookie, even if the storage was cleared or does not work (C16). */
export function createRecords(machine: StateMachine, store: RecordStore, cookieHint: CookieHint | undefined): Records {
  let saving: Promise<unknown> = Promise.resolve()
  let isKnown = false

  async function saveOverStored(): Promise<boolean> {
    const { epoch } = machine
    for (let round = 0; round < MAX_WRITE_ROUNDS; round++) {
      const stored = await store.read()
      if (machine.epoch !== epoch) return false
      // If the storage cannot be read, it most likely still holds the record that this one followed.
      const version = stored === undefined ? machine.record.version - 1 : (stored?.version ?? 0)
      if (version >= machine.record.version) machine.renumber({ version, epoch: stored?.epoch ?? 0 })
      const isWritten = await store.write(machine.record, version)
      if (machine.epoch !== epoch) return false
      if (isWritten) break
    }
    return true
  }

  return {
    ...store,
    async catchUp(tokenIn, caughtUp) {
      let { epoch } = machine
      const look = (stored: StoredSession | null | undefined): void => {
        if (stored !== undefined) isKnown = true
        if (machine.epoch !== epoch) return
        if (stored && stored.version > machine.record.version) {
          machine.adopt(stored, { token: tokenIn(stored) })
        } else if (!stored && machine.record.version === 0 && machine.record.userId === null) {
          const userId = cookieHint?.read()
          if (userId) machine.followHint(userId)
        }
        epoch = machine.epoch
        caughtUp?.()
      }
      look(await store.read(look))
    },
    save() {
      const saved = saveOverStored()
      saving = saved
      return saved
    },
    isKnown: () => isKnown || machine.record.version > 0,
    saved: () => saving,
  }
}
