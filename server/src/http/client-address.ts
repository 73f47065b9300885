import { isIP } from 'node:net'

/**
 * The client's network address as a proxy or the socket names it, without a port; null for what is no address. A proxy
 * passes on what it was told, and that may be anything.
 */
export function clientAddress(named: string): string | null {
  if (isIP(named)) return named
  const bare = /^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(named)
  const address = bare?.[1] ?? bare?.[2] ?? ''
  return isIP(address) ? address : null
}
