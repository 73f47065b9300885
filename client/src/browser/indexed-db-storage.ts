import type { Storage } from '../session/index.ts'
import { layeredStorage } from './layered-storage.ts'
import { recordDatabase } from './record-database.ts'

/**
 * Keeps the session's record in IndexedDB, where all tabs read the same value. While IndexedDB fails (a broken profile,
 * some private windows), the record is in `localStorage`; if that fails, too, in the memory of the tab.
 *
 * With the cookie transport, the record contains the user's id and no secret; otherwise it also contains the tokens.
 * @param name of the record; one for each session of an origin.
 * @param database that contains it. If there is no record of this name, the one named like the database is moved here:
 * until the default name of a session contained the server, both names were equal.
 * @see PROTOCOL.md C1, C11
 */
export function indexedDbStorage(name = 'silent-refresh', database = name): Storage {
  return layeredStorage({
    name,
    database: recordDatabase(database, name),
    area: () => localStorage,
    keepsCopy: false,
    formerName: database === name ? undefined : database,
  })
}
