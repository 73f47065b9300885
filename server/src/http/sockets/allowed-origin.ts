import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether the page that opens a socket may: of this very host, or of an origin on the list. Browsers ask no permission for
 * sockets as they do for requests, so the server must look. Who sends no `Origin` is no browser.
 * @see OWASP ASVS 4.4.2, PROTOCOL.md S17
 */
export function isAllowedOrigin({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const page = new URL(origin)
  // Only hosts are compared: behind a proxy, how the page was fetched is not ours to see.
  const here = `${page.protocol}//${host}`
  return host !== undefined && URL.canParse(here) && new URL(here).host === page.host
}
