/** A value that changes, and its listeners. Fits `useSyncExternalStore` of React. */
export interface Store<T> {
  readonly get: () => T
  readonly set: (value: T) => void
  /** @returns how to stop. */
  readonly subscribe: (listener: () => void) => () => void
}

export function createStore<T>(initial: T): Store<T> {
  let current = initial
  const listeners = new Set<() => void>()
  return {
    get: () => current,
    set(value) {
      if (value === current) return
      current = value
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
