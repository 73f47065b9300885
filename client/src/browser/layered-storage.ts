import type { Storage, StoredSession } from '../session/index.ts'
import type { RecordDatabase } from './record-database.ts'
import { applySignOutMarker, signOutMarker } from './sign-out-marker.ts'
import { systemClock } from './system-clock.ts'

/** How long the database may take while another place can stand in, in milliseconds. The core waits 1 s for both. */
const DATABASE_TIMEOUT_MS = 700

/** What is needed of `localStorage` and the like. */
export interface KeyValueArea {
  /** Like `localStorage.getItem`. */
  getItem(key: string): string | null
  /** Like `localStorage.setItem`. */
  setItem(key: string, value: string): void
  /** Like `localStorage.removeItem`. */
  removeItem?(key: string): void
}

/** The places of one record. */
export interface Layers {
  /** The key of the record in the area, and the name of its sign-out marker. */
  readonly name: string
  /** Undefined when no other tab shares the record. */
  readonly database: RecordDatabase | undefined
  /** A function, because reading the global `localStorage` may throw. */
  readonly area: () => KeyValueArea
  /** Whether the area always has a copy; otherwise it has the record only while the database fails. */
  readonly keepsCopy: boolean
  /** If there is no record, the one of this name is moved here. */
  readonly formerName?: string | undefined
}

/**
 * Keeps a record in a database, in a key-value area and in the memory of this tab: each takes the record while the ones
 * before it fail, and of all records the newest counts. As transactions are lost when the user leaves the page, a
 * sign-out is also marked in the same turn.
 * @see PROTOCOL.md C1, C11, C12
 */
export function layeredStorage({ name, database, area, keepsCopy, formerName }: Layers): Storage {
  const marker = database && signOutMarker(name)
  /** The newest record known here, for as long as the database fails. */
  let known: StoredSession | null = null
  /** A record that no place has taken yet. */
  let unsaved: StoredSession | null = null

  function readArea(key = name): StoredSession | null {
    try {
      return JSON.parse(area().getItem(key) ?? 'null')
    } catch {
      // Forbidden, not our record, or a truncated one: the same as none.
      return null
    }
  }

  /** @returns whether it worked. */
  function writeArea(next: StoredSession | null, key = name): boolean {
    try {
      if (next) area().setItem(key, JSON.stringify(next))
      else area().removeItem?.(key)
      return true
    } catch {
      return false
    }
  }

  const newest = (inDatabase: StoredSession | null): StoredSession | null =>
    [readArea(), unsaved].reduce((a, b) => (versionOf(b) > versionOf(a) ? b : a), inDatabase)
  const effective = (record: StoredSession | null): StoredSession | null =>
    applySignOutMarker(record, marker?.epoch() ?? 0)

  async function read(): Promise<StoredSession | null> {
    let stored = known
    let isReadable = false
    try {
      if (database) {
        const reading = database.read()
        stored = await (readArea() ? inTime(reading) : reading)
        isReadable = true
      }
    } catch {
      // The other places are read below.
    }
    const found = newest(stored)
    const record = effective(found)
    known = record
    if (record && record !== (isReadable ? stored : found)) {
      // The user left the page that signed out before it could write, or the database works again.
      await write(record, record.version)
    } else if (isReadable && !keepsCopy) writeArea(null)
    if (record || !formerName) return record
    await takeOver(formerName)
    formerName = undefined
    return read()
  }

  async function write(next: StoredSession, version: number): Promise<boolean> {
    let stored = known
    let isUnchanged = false as boolean
    const check = (): void => {
      isUnchanged = versionOf(effective(newest(stored))) === version
    }
    const isInDatabase = await attempt((writable) =>
      writable.update((found) => {
        stored = found
        check()
        return isUnchanged ? next : null
      }),
    )
    if (!isInDatabase) check()
    if (!isUnchanged) return false
    const isInArea = writeArea(isInDatabase && !keepsCopy ? null : next)
    const isSaved = isInDatabase || isInArea
    known = next
    unsaved = isSaved ? null : next
    if (isSaved) marker?.settle(next.epoch)
    return true
  }

  async function takeOver(from: string): Promise<void> {
    const unlessSignedOut = (record: StoredSession | null): StoredSession | null =>
      record && applySignOutMarker(record, signOutMarker(from).epoch())
    if (await attempt((writable) => writable.takeOver(from, unlessSignedOut))) return
    const record = unlessSignedOut(readArea(from))
    if (record && writeArea(record)) writeArea(null, from)
  }

  /** @returns whether the database took part. */
  async function attempt(step: (writable: RecordDatabase) => Promise<void>): Promise<boolean> {
    if (!database) return false
    try {
      await inTime(step(database))
      return true
    } catch {
      return false
    }
  }

  return {
    shared: database !== undefined,
    read,
    write,
    forget(epoch) {
      marker?.mark(epoch)
      const inArea = readArea()
      if ((inArea || keepsCopy) && !writeArea(applySignOutMarker(inArea, epoch))) writeArea(null)
      unsaved = applySignOutMarker(newest(known), epoch)
    },
  }
}

const versionOf = (record: StoredSession | null): number => record?.version ?? 0

/** `work`, or a rejection when it takes too long. */
function inTime<T>(work: Promise<T>): Promise<T> {
  let cancel: (() => void) | undefined
  const late = new Promise<never>((_, reject) => {
    cancel = systemClock.setTimer(() => reject(new Error('IndexedDB does not answer.')), DATABASE_TIMEOUT_MS, true)
  })
  return Promise.race([work, late]).finally(cancel)
}
