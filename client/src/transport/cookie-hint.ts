import type { CookieHint } from '../session/index.ts'
import { addressOf } from './server-address.ts'

/**
 * The readable cookie that the server sets beside the refresh cookie: it contains the user's id.
 * @param url the server's GraphQL endpoint.
 * @param cookieName of the refresh cookie, without prefix.
 * @param credentials of the requests to the server.
 * @returns undefined where there is no document.
 * @see PROTOCOL.md C16
 */
export function documentCookieHint(
  url: string,
  cookieName: string,
  credentials: 'include' | undefined,
): CookieHint | undefined {
  if (typeof document === 'undefined') return undefined
  const names = namesOf(`${cookieName}-hint`)
  const server = addressOf(url)
  /** Scripts see only the cookies of the page's own origin. */
  const isReadable = (): boolean => server !== undefined && server.origin === globalThis.origin
  /** The cookie's path is one of those that lead to the server. */
  const paths = (server?.path ?? '').split('/').flatMap((_, index, parts) => {
    const folder = parts.slice(0, index + 1).join('/')
    return [folder, `${folder}/`]
  })

  return {
    read() {
      try {
        if (!isReadable()) return undefined
        const cookies = document.cookie.split('; ')
        const found = names.flatMap((name) => cookies.filter((cookie) => cookie.startsWith(`${name}=`)))
        return found.map(decode).find(Boolean) ?? null
      } catch {
        // The page may not use cookies.
        return undefined
      }
    },
    clear() {
      for (const path of isReadable() ? paths : []) {
        for (const name of names) expire(`${name}=; Max-Age=0; Path=${path}${name.startsWith('__') ? '; Secure' : ''}`)
      }
    },
    explain: () => explainLostCookie(server?.origin, credentials),
  }
}

/**
 * Why the refresh cookie of a sign-in may not have been kept: the most probable cause as far as it can be told, and the
 * usual ones.
 * @see docs/cross-origin.md
 */
export function explainLostCookie(server?: string, credentials?: 'include'): string {
  const cause = probableCause(server, credentials)
  return `Probably ${cause}. Usual causes: credentials, CORS, a cross-site cookie. See docs/cross-origin.md in @silent-refresh/client.`
}

function probableCause(server: string | undefined, credentials: 'include' | undefined): string {
  const page = globalThis.origin
  if (!server || !page) return 'this program keeps no cookies: use `tokenTransport: BODY`'
  if (server === page) return 'cookies are blocked, or the sign-in was sent without `tokenTransport: COOKIE`'
  const and = `${page} and ${server} are two`
  if (!credentials) return `graphqlTransport needs \`credentials: 'include'\`: ${and} origins`
  if (siteOf(page) === siteOf(server)) return "the sign-in was sent without `credentials: 'include'`"
  return `\`tokenTransport: BODY\` is needed: ${and} sites`
}

/** The scheme and the last two labels of the host: where these differ, two origins are certainly of two sites. */
const siteOf = (origin: string): string => origin.replace(/:\d+$/, '').replace(/\/\/.*\.(?=.*\.)/, '//')

/** Whether a `Set-Cookie` value sets the cookie. A sign-out clears it, with an empty value. */
export function setsCookie(setCookie: string, cookieName: string): boolean {
  const [name = '', value] = setCookie.split(/[=;]/)
  return Boolean(value) && namesOf(cookieName).includes(name)
}

/** The names that a cookie can have at the server, depending on its path and on https. @see PROTOCOL.md S18 */
const namesOf = (name: string): string[] => ['__Host-', '__Secure-', ''].map((prefix) => prefix + name)

/** @returns null when the value is malformed. */
function decode(cookie: string): string | null {
  try {
    return decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1))
  } catch {
    return null
  }
}

function expire(cookie: string): void {
  try {
    // biome-ignore lint/suspicious/noDocumentCookie: it is gone when this returns; the Cookie Store API is asynchronous.
    document.cookie = cookie
  } catch {
    // The page may not use cookies.
  }
}
