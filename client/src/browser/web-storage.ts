import type { Storage } from '../session/index.ts'
import { type KeyValueArea, layeredStorage } from './layered-storage.ts'
import { recordDatabase } from './record-database.ts'

/**
 * Keeps the session in `localStorage`, or in `sessionStorage` for a session of this tab alone.
 *
 * `localStorage` takes some milliseconds to reach other tabs, so its record is also written to IndexedDB, and the newer
 * of the two is used. Without IndexedDB, only the area is used.
 * @param name of the entry; one for each session of an origin.
 * @see PROTOCOL.md C1, C11
 */
export function webStorage(area: KeyValueArea, name = 'silent-refresh'): Storage {
  const copies = `${name}.tabs`
  return layeredStorage({
    name,
    database: isLocalStorage(area) ? recordDatabase(copies, copies) : undefined,
    area: () => area,
    keepsCopy: true,
  })
}

function isLocalStorage(area: KeyValueArea): boolean {
  try {
    return area === localStorage
  } catch {
    // There is none, or this page may not use it.
    return false
  }
}
