import type { StoredSession } from '../session/index.ts'

/** 400 days, the most that browsers allow. A cookie that expires earlier would undo a sign-out. */
const COOKIE_MAX_AGE_S = 34_560_000

/** Marks the sign-ins up to an epoch as signed out, within one turn: transactions are lost when the page is left. */
export interface SignOutMarker {
  /** @returns the marked epoch; 0 when none is. */
  epoch(): number
  /** Marks this epoch and all before it. */
  mark(epoch: number): void
  /** Removes the marker, if a record of a later epoch is in the database: call it with that record's epoch. */
  settle(epoch: number): void
}

/**
 * Keeps the marker in two places, because each may be full, forbidden, or wiped in the turn of the sign-out: in
 * `localStorage`, and in a cookie without secret. Cookies ignore ports, so its name contains the page's origin.
 * @param name of the session.
 * @see PROTOCOL.md C12
 */
export function signOutMarker(name: string): SignOutMarker {
  const key = `${name}.forgotten`

  /** Workers and Node have none of these, and some pages may not use them. */
  const attempt = <T>(step: () => T): T | undefined => {
    try {
      return step()
    } catch {
      return undefined
    }
  }
  const isSecure = (): boolean => location.protocol === 'https:'
  /** With the prefix, no other host of the site can set it and so sign users out. @see RFC 6265bis §4.1.3 */
  const cookieName = (): string => `${isSecure() ? '__Host-' : ''}${encodeURIComponent(`${key}@${location.origin}`)}`
  const inCookie = (): string | undefined => {
    const start = `${cookieName()}=`
    return document.cookie
      .split('; ')
      .find((cookie) => cookie.startsWith(start))
      ?.slice(start.length)
  }
  const setCookie = (epoch: number, maxAge: number): void => {
    const secure = isSecure() ? '; secure' : ''
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous.
    document.cookie = `${cookieName()}=${epoch}; path=/; max-age=${maxAge}; samesite=strict${secure}`
  }

  const epoch = (): number =>
    Math.max(...[() => localStorage.getItem(key), inCookie].map((read) => Number(attempt(read)) || 0))

  return {
    epoch,
    mark(signedOut) {
      const marked = Math.max(signedOut, epoch())
      attempt(() => localStorage.setItem(key, String(marked)))
      attempt(() => setCookie(marked, COOKIE_MAX_AGE_S))
    },
    settle(stored) {
      const marked = epoch()
      if (marked === 0 || marked >= stored) return
      attempt(() => localStorage.removeItem(key))
      if (attempt(inCookie)) attempt(() => setCookie(0, 0))
    },
  }
}

/**
 * The effective record when all sign-ins up to `epoch` have been marked as signed out, even if the stored record still
 * contains one. Records stored later continue from there.
 * @param epoch 0 when nothing is marked.
 */
export function applySignOutMarker(stored: StoredSession | null, epoch: number): StoredSession | null {
  if (epoch === 0 || (stored && stored.epoch > epoch)) return stored
  return { version: (stored?.version ?? 0) + 1, epoch: epoch + 1, userId: null }
}
