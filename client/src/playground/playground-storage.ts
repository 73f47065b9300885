import type { Storage } from '@graphiql/toolkit'

/** Settings of the layout: the theme, the open panel, and the sizes of the panels. */
const LAYOUT_KEYS = /^graphiql:(theme|visiblePlugin|\w+Flex)$/

/**
 * The storage of GraphiQL. By default, GraphiQL persists every edit, including passwords and tokens. Here only layout
 * settings are persisted; everything else is kept in memory until the page is closed.
 */
export function playgroundStorage(persistent: globalThis.Storage | null = browserStorage()): Storage {
  const memory = new Map<string, string>()
  return {
    get length() {
      return memory.size
    },
    getItem: (key) => memory.get(key) ?? (LAYOUT_KEYS.test(key) ? (persistent?.getItem(key) ?? null) : null),
    setItem(key, value) {
      memory.set(key, value)
      if (LAYOUT_KEYS.test(key)) persistent?.setItem(key, value)
    },
    removeItem(key) {
      memory.delete(key)
      if (LAYOUT_KEYS.test(key)) persistent?.removeItem(key)
    },
    clear() {
      memory.clear()
      for (const key of Object.keys(persistent ?? {})) if (LAYOUT_KEYS.test(key)) persistent?.removeItem(key)
    },
  }
}

/** Null where the browser blocks storage: then even reading `localStorage` throws. */
function browserStorage(): globalThis.Storage | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
