import type { Storage, StoredSession } from '../ports.ts'

/** Keeps the session in memory: for Node, and for pages that should forget it on reload. Not shared between tabs. */
export function memoryStorage(): Storage & { readonly shared: false } {
  let stored: StoredSession | null = null
  return {
    shared: false,
    read: () => stored,
    write(next, version) {
      if ((stored?.version ?? 0) !== version) return false
      stored = next
      return true
    },
  }
}
