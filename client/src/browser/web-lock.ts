import type { Lock } from '../session/index.ts'

/** Web Locks; undefined where they are missing (old engines, pages without https). @see PROTOCOL.md C1 */
export function webLock(name: string): Lock | undefined {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
  const lock = (of: string, spare?: Lock): Lock => ({
    request: (task, signal) => (locks as LockManager).request(of, { signal }, task),
    spare,
  })
  return locks && lock(name, lock(`${name}.spare`))
}
