import type { AccountService } from '../core/accounts/account-service.ts'
import type { AccessClaims, Origin } from '../core/model.ts'
import type { DeviceService } from '../core/sessions/device-service.ts'
import type { SessionService } from '../core/sessions/session-service.ts'
import type { AuthError } from '../errors.ts'

/** Who asks: the claims of a good access token, or why there are none: a refusal, or the database is away. */
export type Identity = { claims: AccessClaims } | { refusal: AuthError }

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
  devices: DeviceService
  accounts: AccountService
  origin: Origin
  cookie: RefreshCookie
  /** The sessions that this request opened or refreshed. */
  answered: Set<string>
  /** As in the log; sockets have none. */
  requestId?: string
}

/**
 * The claims of the person who asks. For fields behind `@auth`: the gate has refused everyone else before.
 * @throws AuthError
 */
export function claimsOf({ identity }: GraphContext): AccessClaims {
  if ('refusal' in identity) throw identity.refusal
  return identity.claims
}
