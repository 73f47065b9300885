import type { Channel, Clock, Lock, Page } from '../session/index.ts'

/** The platform's monotonic clock and timers; browsers, workers and Node have them alike. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(task, ms, idle) {
    const timer: unknown = setTimeout(task, ms)
    // Node: a renewal ahead of time is no reason to keep a finished program running.
    if (idle && typeof timer === 'object') (timer as { unref?: () => void }).unref?.()
    return () => clearTimeout(timer as number)
  },
}

/** Web Locks; undefined where there are none (old engines, pages without https). @see PROTOCOL.md C1 */
export function webLock(name: string): Lock | undefined {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
  const lock = (of: string, spare?: Lock): Lock => ({
    request: (task, signal) => (locks as LockManager).request(of, { signal }, task),
    spare,
  })
  return locks && lock(name, lock(`${name}.spare`))
}

/** BroadcastChannel; undefined where there is none. @see PROTOCOL.md C12 */
export function broadcastChannel(name: string): Channel | undefined {
  if (typeof BroadcastChannel === 'undefined') return undefined
  let channel: BroadcastChannel | undefined
  return {
    post: (message) => channel?.postMessage(message),
    subscribe(listener) {
      try {
        channel = new BroadcastChannel(name)
        channel.onmessage = (event) => listener(event.data)
      } catch {
        // Forbidden on this page: as good as none.
      }
      return () => {
        channel?.close()
        channel = undefined
      }
    },
  }
}

/** The document and the network; undefined where there is no document (workers, Node). @see PROTOCOL.md C7 */
export function documentPage(): Page | undefined {
  if (typeof document === 'undefined') return undefined
  return {
    isVisible: () => document.visibilityState === 'visible',
    onWake(listener) {
      const wake = (): void => {
        if (document.visibilityState === 'visible') listener()
      }
      const sources: [EventTarget, string][] = [
        [document, 'visibilitychange'],
        [document, 'resume'],
        [window, 'pageshow'],
        [window, 'online'],
        [window, 'focus'],
      ]
      for (const [target, type] of sources) target.addEventListener(type, wake)
      return () => {
        for (const [target, type] of sources) target.removeEventListener(type, wake)
      }
    },
  }
}
