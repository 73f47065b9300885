import { LRUCache } from 'lru-cache'
import type { AccessClaims, User } from '../model.ts'

/** At most about 5 MB. */
const MAX_USERS = 10_000

/** After a failover, a last connection to the former primary may read a row that no notification corrects. */
const MAX_AGE_MS = 60_000

/**
 * The rows of signed-in users in memory, so that `me` needs no query. They are used only while the revocation feed is
 * current: the database notifies every instance when a row changes.
 * @see PROTOCOL.md S15
 */
export interface KnownUsers {
  /** @returns the row, of the token's version or a later one; null when there is no such user. */
  find(claims: Pick<AccessClaims, 'userId' | 'userVersion'>): Promise<User | null>
  /** Forgets a user whose row has changed. */
  changed(userId: string): void
  /** Forgets everyone: notifications may have been missed. */
  clear(): void
}

/**
 * @param load reads a row from the database.
 * @param isCurrent whether every change of a row has been, or will be, notified.
 * @param monotonicMs a clock that never jumps, in milliseconds.
 */
export function createKnownUsers(
  load: (userId: string) => Promise<User | null>,
  isCurrent: () => boolean,
  monotonicMs: () => number,
): KnownUsers {
  const rows = new LRUCache<string, User>({
    ...{ max: MAX_USERS, ttl: MAX_AGE_MS },
    ...{ perf: { now: monotonicMs }, ttlResolution: 0 },
  })
  /** By user, the latest read that may be kept. One that was in progress when the row changed may have missed the change. */
  const reads = new Map<string, Promise<User | null>>()

  async function loadAndKeep(userId: string): Promise<User | null> {
    const read = load(userId)
    reads.set(userId, read)
    try {
      const user = await read
      if (user !== null && reads.get(userId) === read) rows.set(userId, user)
      return user
    } finally {
      if (reads.get(userId) === read) reads.delete(userId)
    }
  }

  return {
    async find({ userId, userVersion }) {
      if (!isCurrent()) return load(userId)
      const known = rows.get(userId)
      return known !== undefined && known.version >= userVersion ? known : loadAndKeep(userId)
    },
    changed(userId) {
      rows.delete(userId)
      reads.delete(userId)
    },
    clear() {
      rows.clear()
      reads.clear()
    },
  }
}
