import type { UnauthenticatedError } from '../errors.ts'
import type { AccessClaims } from '../session/access-token.ts'
import type { SessionService } from '../session/session-service.ts'
import type { Origin } from '../session/session-store.ts'

/** Who asks: the claims of a good access token, or why there are none. */
export type Identity = { claims: AccessClaims } | { refusal: UnauthenticatedError }

/** The refresh token in its cookie, for the request under way. @see PROTOCOL.md S18 */
export interface RefreshCookie {
  /** Null when the request bore none. */
  read(): string | null
  set(refreshToken: string, maxAgeSeconds: number): void
  clear(): void
}

/** What every resolver gets. */
export interface GraphContext {
  identity: Identity
  sessions: SessionService
  origin: Origin
  cookie: RefreshCookie
}

/**
 * The claims of the person who asks. For fields behind `@auth`: the gate has refused everyone else before.
 * @throws UnauthenticatedError
 */
export function claimsOf({ identity }: GraphContext): AccessClaims {
  if ('refusal' in identity) throw identity.refusal
  return identity.claims
}
