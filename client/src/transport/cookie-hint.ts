import type { CookieHint } from '../session/index.ts'
import { addressOf } from './server-address.ts'

/**
 * The readable cookie that the server sets beside the refresh cookie: it contains the user's id.
 * @param url the server's GraphQL endpoint.
 * @param cookieName of the refresh cookie, without prefix.
 * @returns undefined where there is no document.
 * @see PROTOCOL.md C16
 */
export function documentCookieHint(url: string, cookieName: string): CookieHint | undefined {
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
  }
}

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
