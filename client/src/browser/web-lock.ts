import type { Lock } from '../session/index.ts'

/**
 * Web Locks; undefined where they are missing (old engines, pages without https).
 * @param name one for each session of an origin; `createSession` uses the session's name.
 * @example Measure how long tabs wait for each other:
 * ```ts
 * const lock = webLock('my-app')
 * createSession({
 *   ...{ transport, name: 'my-app' },
 *   lock: lock && { ...lock, request: (task, signal) => lock.request(() => (reportWait(), task()), signal) },
 * })
 * ```
 * @see PROTOCOL.md C1
 */
export function webLock(name: string): Lock | undefined {
  const locks = globalThis.navigator?.locks
  const lock = (of: string, spare?: Lock): Lock => ({
    request: (task, signal) => locks.request(of, { signal }, task),
    spare,
  })
  return locks && lock(name, lock(`${name}.spare`))
}
