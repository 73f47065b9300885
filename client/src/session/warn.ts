/** Some runtimes have none. */
declare const console: { warn?(message: string): void } | undefined

const warned = new WeakMap<object, Set<string>>()

/** Reports a misconfiguration to the developer on the console: each message once for each `owner`. */
export function warnOnce(owner: object, message: string): void {
  const messages = warned.get(owner) ?? new Set()
  if (messages.has(message)) return
  warned.set(owner, messages.add(message))
  if (typeof console !== 'undefined') console.warn?.(`[silent-refresh] ${message}`)
}
