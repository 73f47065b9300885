import { isIP } from 'node:net'

/**
 * The client's network address without the port, as reported by the socket or a proxy; null when it is not an address. A
 * proxy may pass on anything.
 */
export function clientAddress(reported: string): string | null {
  if (isIP(reported)) return reported
  const bare = /^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(reported)
  const address = bare?.[1] ?? bare?.[2] ?? ''
  return isIP(address) ? address : null
}
