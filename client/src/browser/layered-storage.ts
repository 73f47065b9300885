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
 * Keeps a record in a database, or in a key-value area while the database fails; of two records the newer one counts. If
 * neither works, reading fails, and the session continues from the memory of its tab. As transactions are lost when the
 * user leaves the page, a sign-out is also marked in the same turn.
 * @see PROTOCOL.md C1, C11, C12
 */
export function layeredStorage({ name, database, area, keepsCopy, formerName }: Layers): Storage {
  const marker = database && signOutMarker(name)

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

  function newest(inDatabase: StoredSession | null): StoredSession | null {
    const inArea = readArea()
    return versionOf(inArea) > versionOf(inDatabase) ? inArea : inDatabase
  }
  const effective = (record: StoredSession | null): StoredSession | null =>
    applySignOutMarker(record, marker?.epoch() ?? 0)

  /** @throws what the database fails with, unless the area has a record. */
  async function readDatabase(): Promise<{ readonly record: StoredSession | null } | undefined> {
    if (!database) return undefined
    try {
      const reading = database.read()
      return { record: await (readArea() ? inTime(reading) : reading) }
    } catch (error) {
      if (formerName) await takeOver(formerName)
      if (!readArea()) throw error
      return undefined
    }
  }

  async function read(): Promise<StoredSession | null> {
    const inDatabase = await readDatabase()
    const found = newest(inDatabase?.record ?? null)
    const record = effective(found)
    if (record && record !== (inDatabase ? inDatabase.record : found)) {
      // The user left the page that signed out before it could write, or the database works again.
      await write(record, record.version)
    } else if (inDatabase && !keepsCopy) writeArea(null)
    if (record || !formerName) return record
    await takeOver(formerName)
    formerName = undefined
    return read()
  }

  async function write(next: StoredSession, version: number): Promise<boolean> {
    const follows = (stored: StoredSession | null): boolean => versionOf(effective(newest(stored))) === version
    let isUnchanged = false as boolean
    const isInDatabase = await attempt((writable) =>
      writable.update((stored) => {
        isUnchanged = follows(stored)
        return isUnchanged ? next : null
      }),
    )
    // The content of a failing database is not known. Once it works again, the newer record counts.
    if (!isInDatabase) isUnchanged = follows(null) || (database !== undefined && !readArea())
    if (!isUnchanged) return false
    writeArea(isInDatabase && !keepsCopy ? null : next)
    if (isInDatabase) marker?.settle(next.epoch)
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
