import { createHmac } from 'node:crypto'

/** How urgent a password is, and whether it is still needed. */
export interface HashOptions {
  /** For users who are signed in or have just given the right password: they do not wait behind strangers. */
  readonly isUrgent?: boolean | undefined
  /** Aborted when the client has disconnected, so that its password costs no more work. */
  readonly signal?: AbortSignal | undefined
}

/** Both methods throw ServiceUnavailableError, before any work, while too many passwords are waiting. */
export interface PasswordHasher {
  hash(password: string, options?: HashOptions): Promise<string>
  /**
   * Does the same work with and without a hash, so that timing does not reveal whether an account exists.
   * `needsRehash`: the password matches, but was hashed with a different cost.
   * @see PROTOCOL.md S1, S21
   */
  verify(
    password: string,
    hash: string | null,
    options?: HashOptions,
  ): Promise<{ readonly matches: boolean; readonly needsRehash: boolean }>
}

/** bcrypt itself, which runs off the event loop. */
export interface Bcrypt {
  hash(prepared: string, cost: number, options?: HashOptions): Promise<string>
  compare(prepared: string, hash: string, options?: HashOptions): Promise<boolean>
}

// bcrypt ignores everything after 72 bytes. HMAC-SHA-384 in base64 has 64 bytes for a password of any length and script;
// the label makes these digests differ from plain ones that leaked elsewhere (OWASP Password Storage: password shucking).
const DIGEST_LABEL = 'silent-refresh/password/v1'

/** Normalises to NFKC, so that different keyboards produce the same password. @see NIST SP 800-63B-4 §3.1.1.2 */
export function preparePassword(password: string): string {
  return createHmac('sha384', DIGEST_LABEL).update(password.normalize('NFKC'), 'utf8').digest('base64')
}

/** @param cost bcrypt's work factor: each step doubles the time that a hash takes. */
export async function createPasswordHasher(bcrypt: Bcrypt, cost: number): Promise<PasswordHasher> {
  // Used when the account does not exist: the hash of a random password, at the same cost.
  const decoy = await bcrypt.hash(preparePassword(crypto.randomUUID()), cost)
  const prefix = new RegExp(`^\\$2[aby]\\$${String(cost).padStart(2, '0')}\\$`)
  return {
    hash: (password, options) => bcrypt.hash(preparePassword(password), cost, options),
    async verify(password, hash, options) {
      const same = await bcrypt.compare(preparePassword(password), hash ?? decoy, options)
      const matches = hash !== null && same
      return { matches, needsRehash: matches && !prefix.test(hash) }
    },
  }
}
