import { SessionEndedError } from '../../index.ts'
import { endWords } from '../session/end-words.ts'

const FORBIDDEN = 4403
const NO_TOKEN_NOW = 4503

const CLOSED: Readonly<Record<number, string>> = {
  1000: 'the access token was refreshed',
  1001: 'the server is stopping',
  1013: 'the server is busy',
  4429: 'the session has too many sockets',
  [FORBIDDEN]: 'the access token has expired or was refused (4403)',
  [NO_TOKEN_NOW]: 'the access token cannot be refreshed right now',
}

/** Why a socket was closed. */
export const closeWords = (event: unknown): string => CLOSED[codeOf(event) ?? 0] ?? 'the connection was lost'

/** Why a subscription has ended, in a sentence. */
export function subscriptionEndWords(error: unknown, byHand: string | undefined): string {
  if (error instanceof SessionEndedError) return `Subscription ended. ${endWords(error.reason)}`
  const code = codeOf(error)
  if (code === FORBIDDEN && byHand !== undefined) {
    return 'Subscription ended: the server refused the token in the Authorization header, or it has expired (4403).'
  }
  if (code !== undefined) {
    const { reason } = error as CloseEvent
    return `Subscription ended: the server closed the socket (${code}${reason ? `, ${reason}` : ''}).`
  }
  return `Subscription ended: ${error instanceof Error ? error.message : 'unknown reason'}`
}

/** The code of a `CloseEvent`; undefined for other errors. */
export function codeOf(event: unknown): number | undefined {
  const code = (event as { code?: unknown } | null | undefined)?.code
  return typeof code === 'number' ? code : undefined
}

export const isRefused = (event: unknown): boolean => codeOf(event) === FORBIDDEN
