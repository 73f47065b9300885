import type { Operation } from '@apollo/client/core/index.js'
import type { Session } from '../session/index.ts'
import { warnOnce } from '../session/warn.ts'

/** Keeps the access token from other servers, as far as a link can tell where an operation goes. */
export interface TokenGuard {
  /** @throws TypeError when the operation goes to another server, or when an earlier one did. */
  checkBefore(operation: Operation): void
  /** @throws TypeError when the answer came from another server. */
  checkAfter(operation: Operation): void
}

/**
 * A link knows the URL of an operation only if its context contains one. Otherwise the `HttpLink` chooses it, and the first
 * response shows it: if that is another server's, no further operation is sent with the token.
 */
export function createTokenGuard(session: Session): TokenGuard {
  let strayed: unknown
  return {
    checkBefore(operation) {
      const { uri } = operation.getContext()
      if (typeof uri === 'string') session.checkUrl(uri, 'graphql')
      else if (strayed) throw strayed
    },
    checkAfter(operation) {
      const response: Response | undefined = operation.getContext().response
      // After a redirect to another origin, the platform has removed the token.
      if (!response?.url || response.redirected) return
      try {
        session.checkUrl(response.url, 'graphql')
      } catch (error) {
        strayed = error
        warnOnce(session, `An operation took the access token to another server. ${(error as Error).message}`)
        throw error
      }
    },
  }
}
