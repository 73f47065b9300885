import type { Storage } from '@graphiql/toolkit'

/** How the playground looks: the theme, the open panel, and how the space is shared out. */
const LOOKS = /^graphiql:(theme|visiblePlugin|\w+Flex)$/

/**
 * What GraphiQL keeps. It would write every edit, and so passwords and tokens, to the browser's storage for good; here
 * only its looks go there, and what was typed is forgotten with the page.
 */
export function playgroundStorage(disk: globalThis.Storage | null = diskOfThisBrowser()): Storage {
  const memory = new Map<string, string>()
  return {
    get length() {
      return memory.size
    },
    getItem: (key) => memory.get(key) ?? (LOOKS.test(key) ? (disk?.getItem(key) ?? null) : null),
    setItem(key, value) {
      memory.set(key, value)
      if (LOOKS.test(key)) disk?.setItem(key, value)
    },
    removeItem(key) {
      memory.delete(key)
      if (LOOKS.test(key)) disk?.removeItem(key)
    },
    clear() {
      memory.clear()
      for (const key of Object.keys(disk ?? {})) if (LOOKS.test(key)) disk?.removeItem(key)
    },
  }
}

/** Null where the person forbids websites to keep anything: then even to look at `localStorage` throws. */
function diskOfThisBrowser(): globalThis.Storage | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
