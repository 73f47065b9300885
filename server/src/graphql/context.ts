import type { AccessClaims, Origin } from '../core/model.ts'
import type { Services } from '../core/services.ts'
import type { IssuedTokens } from '../core/sessions/session-service.ts'
import type { AuthError } from '../errors.ts'

/** The claims of a valid access token, or the error that explains why there are none. */
export type Identity = { readonly claims: AccessClaims } | { readonly refusal: AuthError }

/** The cookie of the current request that holds the refresh token, and the hint beside it. @see PROTOCOL.md S18 */
export interface RefreshCookie {
  /** All cookies of its name; other deployments on this host may have set some of them. */
  read(): readonly string[]
  set(issued: IssuedTokens): void
  clear(): void
}

/** The cookie of the current request by which a device is recognised when it signs in again. @see PROTOCOL.md S19 */
export interface DeviceCookie {
  /** All cookies of its name; other deployments on this host may have set some of them. */
  read(): readonly string[]
  set(deviceToken: string): void
}

/** What every resolver receives. */
export interface GraphContext extends Services {
  readonly identity: Identity
  readonly origin: Origin
  readonly cookie: RefreshCookie
  readonly deviceCookie: DeviceCookie
  /** The ids of the sessions that this request opened or refreshed. */
  readonly answered: Set<string>
  /** The request's id in the log; sockets have none. */
  readonly requestId?: string
  /** Aborted when the client disconnects; sockets have none. */
  readonly signal?: AbortSignal
}

/**
 * The claims of the signed-in user. For fields with `@auth`: the gate has refused everyone else.
 * @throws AuthError
 */
export function claimsOf({ identity }: GraphContext): AccessClaims {
  if ('refusal' in identity) throw identity.refusal
  return identity.claims
}
