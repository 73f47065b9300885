import type { Storage, StoredSession } from '../session/index.ts'
import { indexedDbStorage } from './indexed-db-storage.ts'
import { applySignOutMarker } from './sign-out-marker.ts'

/** What `webStorage` needs from `localStorage` and the like. */
export interface KeyValueArea {
  /** Like `localStorage.getItem`. */
  getItem(key: string): string | null
  /** Like `localStorage.setItem`. */
  setItem(key: string, value: string): void
}

/**
 * Keeps the session in `localStorage`, or in `sessionStorage` for a session of this tab alone.
 *
 * `localStorage` takes some milliseconds to reach other tabs, so its record is also written to IndexedDB, and the newer
 * of the two is used. Without IndexedDB, only the area is used.
 * @param name of the entry; one for each session of an origin.
 * @see PROTOCOL.md C1, C11
 */
export function webStorage(area: KeyValueArea, name = 'silent-refresh'): Storage {
  const shared = typeof localStorage !== 'undefined' && area === localStorage
  const coherent = shared && typeof indexedDB !== 'undefined' ? indexedDbStorage(`${name}.tabs`) : undefined

  const readArea = (): StoredSession | null => {
    try {
      return JSON.parse(area.getItem(name) ?? 'null')
    } catch {
      // Not our record, or a truncated one: the same as none.
      return null
    }
  }
  const readCoherent = async (): Promise<StoredSession | null> => {
    try {
      return (await coherent?.read()) ?? null
    } catch {
      return null
    }
  }
  const writeCoherent = async (next: StoredSession, version: number): Promise<boolean> => {
    try {
      return (await coherent?.write(next, version)) ?? true
    } catch {
      return true
    }
  }
  const newest = async (): Promise<StoredSession | null> => {
    const [here, there] = [readArea(), await readCoherent()]
    return (there?.version ?? 0) > (here?.version ?? 0) ? there : here
  }

  return {
    shared,
    read: newest,
    async write(next, version) {
      const stored = await newest()
      if ((stored?.version ?? 0) !== version) return false
      // This single step decides between two tabs.
      const copy = await readCoherent()
      if ((copy?.version ?? 0) > version || !(await writeCoherent(next, copy?.version ?? 0))) return false
      area.setItem(name, JSON.stringify(next))
      return true
    },
    forget(epoch) {
      coherent?.forget?.(epoch)
      area.setItem(name, JSON.stringify(applySignOutMarker(readArea(), epoch)))
    },
  }
}
