import type { Transport } from '../session/index.ts'
import { warnOnce } from '../session/warn.ts'

/** Where a URL leads: a server, and a path on it without query and trailing slash. */
export interface Address {
  readonly origin: string
  readonly path: string
}

type ServerOfSession = Pick<Transport, 'url' | 'credentials'> & Required<Pick<Transport, 'checkUrl' | 'credentialsFor'>>

/**
 * The server that a session is for, which requests may carry its token, and which need its credentials.
 * @param url the server's GraphQL endpoint.
 * @param resourceServers URLs of other servers that accept the token, each for requests to it and below it.
 * @see PROTOCOL.md C17
 */
export function serverAddress(
  url: string,
  resourceServers: readonly string[],
  credentials: Transport['credentials'],
): ServerOfSession {
  const own = addressOf(checked(url, 'url'))
  const others = resourceServers.flatMap((other) => addressOf(checked(other, 'resourceServers')) ?? [])
  const address: ServerOfSession = {
    url: own && hrefOf(own),
    credentials,
    // A server that answers pages of any origin (`*`) must get none.
    credentialsFor: (to) => (to === undefined || addressOf(to)?.origin === own?.origin ? credentials : undefined),
    checkUrl(to, kind) {
      const target = addressOf(to)
      if (!target) return
      if (!own) throw new TypeError(`The session's own URL, ${url}, is relative, so no token goes to ${to}.`)
      const home = kind === 'graphql' ? own : { ...own, path: '' }
      if ([home, ...others].some((one) => isWithin(target, one))) return
      const found = `A request goes to ${hrefOf(target)}, but the session is for ${address.url}. Create a session for each server`
      const message = `${found}, or list it in \`resourceServers\` of graphqlTransport.`
      if (target.origin !== own.origin) throw new TypeError(message)
      warnOnce(address, message)
    },
  }
  return address
}

/** @throws TypeError when it is no URL of a server. A relative URL is one, although it leads nowhere without a page. */
function checked(url: unknown, option: string): string {
  const isUrl = typeof url === 'string' && /^(https?:|wss?:|(?![a-z][\w+.-]*:))./i.test(url.trim())
  if (isUrl && (addressOf(url) || !/^\w+:/.test(url))) return url
  throw new TypeError(`${option}: "${url}" is not a URL such as https://api.example.com/graphql or /graphql.`)
}

/**
 * Resolves a URL against the page's, like `fetch`. A socket has the address of its server: `ws:` counts as `http:`.
 * @returns undefined for a relative URL without a page, and for one that leads to no server (`data:`).
 */
export function addressOf(url: string): Address | undefined {
  const asHttp = url.trim().replace(/^ws(?=s?:)/i, 'http')
  try {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href
    const { protocol, host, pathname } = new URL(asHttp, base)
    return host ? { origin: `${protocol}//${host}`, path: pathname.replace(/\/$/, '') } : undefined
  } catch {
    // In React Native, URL is missing or implements only some properties.
    const [, origin, path = ''] = /^(https?:\/\/[^/?#\\]+)([^?#]*)/i.exec(asHttp) ?? []
    return origin ? { origin: origin.toLowerCase(), path: path.replace(/\/$/, '') } : undefined
  }
}

const hrefOf = ({ origin, path }: Address): string => origin + path

const isWithin = (target: Address, { origin, path }: Address): boolean =>
  target.origin === origin && `${target.path}/`.startsWith(`${path}/`)
