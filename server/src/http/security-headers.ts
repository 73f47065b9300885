import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import helmet from 'helmet'
import { LRUCache } from 'lru-cache'
import { contentSecurityPolicy } from './content-security-policy.ts'

/** Clients may send any host. */
const MAX_HOSTS = 100

/**
 * The headers by which browsers protect our pages, from Helmet. They differ only by the host of the request, so they are kept:
 * Helmet formats them anew for each response, which took 3 % of the time of `me`.
 * @param options.hsts whether browsers must use https from now on
 */
export function createSecurityHeaders(options: {
  readonly hsts: boolean
}): (host: string | undefined) => OutgoingHttpHeaders {
  const write = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    strictTransportSecurity: options.hsts,
  })

  function headersFor(host: string): OutgoingHttpHeaders {
    const headers: OutgoingHttpHeaders = {}
    const response = {
      setHeader: (name: string, value: string) => {
        headers[name.toLowerCase()] = value
      },
      removeHeader: () => {},
    }
    write({ headers: { host } } as IncomingMessage, response as unknown as ServerResponse, (error) => {
      if (error) throw error
    })
    return headers
  }

  const byHost = new LRUCache<string, OutgoingHttpHeaders>({ max: MAX_HOSTS, memoMethod: headersFor })
  return (host = '') => byHost.memo(host)
}
