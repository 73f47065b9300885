import type { Channel } from '../session/index.ts'

/**
 * BroadcastChannel; undefined where it is missing.
 *
 * It is closed while the page is in the back/forward cache: a message that arrives there makes the browser discard the
 * page. When the page is shown again, `documentPage` lets the session catch up.
 * @param name one for each session of an origin; `createSession` uses the session's name.
 * @example Count the messages of a session:
 * ```ts
 * const channel = broadcastChannel('my-app')
 * createSession({ transport, name: 'my-app', channel: channel && { ...channel, post: (m) => (count++, channel.post(m)) } })
 * ```
 * @see PROTOCOL.md C12
 */
export function broadcastChannel(name: string): Channel | undefined {
  if (typeof BroadcastChannel === 'undefined') return undefined
  let channel: BroadcastChannel | undefined

  const open = (): BroadcastChannel | undefined => {
    try {
      const opened = new BroadcastChannel(name)
      // Node's would keep the process running, also when a test environment such as jsdom passes it on.
      ;(opened as { unref?: () => void }).unref?.()
      return opened
    } catch {
      // Forbidden on this page: the same as missing.
      return undefined
    }
  }
  const close = (): void => {
    channel?.close()
    channel = undefined
  }

  return {
    post(message) {
      // A page that is being left may still sign out.
      const sender = channel ?? open()
      sender?.postMessage(message)
      if (!channel) sender?.close()
    },
    subscribe(listener) {
      const listen = (): void => {
        channel ??= open()
        if (channel) channel.onmessage = (event) => listener(event.data)
      }
      listen()
      // Workers have no such events, and Node has no events at all.
      globalThis.addEventListener?.('pagehide', close)
      globalThis.addEventListener?.('pageshow', listen)
      return () => {
        globalThis.removeEventListener?.('pagehide', close)
        globalThis.removeEventListener?.('pageshow', listen)
        close()
      }
    },
  }
}
