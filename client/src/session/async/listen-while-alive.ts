type Subscribe<T> = (listener: (value: T) => void) => () => void

/** Stops the listeners of owners that are gone. Some runtimes (Hermes) have none. */
const gone =
  typeof FinalizationRegistry === 'undefined' ? undefined : new FinalizationRegistry<() => void>((stop) => stop())

/**
 * Subscribes for as long as `owner` is in use elsewhere: neither the subscription nor `listener`, which may use it, keeps it
 * in memory. Clients, apps and routers come and go while a session stays.
 * @returns how to stop earlier.
 */
export function listenWhileAlive<T>(owner: object, subscribe: Subscribe<T>, listener: (value: T) => void): () => void {
  if (typeof WeakRef === 'undefined') return subscribe(listener)
  const reference = new WeakRef(owner)
  // In a WeakMap, `listener` lives as long as `owner`, even though it refers to it.
  const listeners = new WeakMap([[owner, listener]])
  const stop = subscribe((value) => {
    const alive = reference.deref()
    if (alive) listeners.get(alive)?.(value)
    else stop()
  })
  gone?.register(owner, stop)
  return stop
}
