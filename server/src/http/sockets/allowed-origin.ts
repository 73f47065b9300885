import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a page of this origin may open a socket: it is served from this host or its origin is on the list. CORS does not
 * apply to WebSockets, so the server must check. Clients that send no `Origin` are not browsers.
 * @see OWASP ASVS 4.4.2, PROTOCOL.md S17
 */
export function isAllowedOrigin({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true
  // A shell such as capacitor://localhost is not a page of this server, even if its host has the same name.
  if (!/^https?:/.test(origin) || !URL.canParse(origin)) return false
  const page = new URL(origin)
  // Only the hosts are compared: behind a proxy we cannot know the protocol of the page.
  const here = `${page.protocol}//${host}`
  return host !== undefined && URL.canParse(here) && new URL(here).host === page.host
}
