import type { Channel } from '../session/index.ts'

/** BroadcastChannel; undefined where it is missing. @see PROTOCOL.md C12 */
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
        // Forbidden on this page: the same as missing.
      }
      return () => {
        channel?.close()
        channel = undefined
      }
    },
  }
}
