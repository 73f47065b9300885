import { createHmac } from 'node:crypto'

/** How urgent a password is, and whether it is still needed. */
export interface HashOptions {
  /** For users who are signed in or have just given the right password: they take turns with strangers instead of waiting behind them. */
  readonly isUrgent?: boolean | undefined
  /** Aborted when the client has disconnected, so that its password costs no more work. */
  readonly signal?: AbortSignal | undefined
}

/** Both methods throw ServiceUnavailableError, before any work, while too many passwords are waiting. */
export interface PasswordHasher {
  /**
   * Call it before an attempt is counted, so that attempts for which there is no time do not use up the user's limit.
   * @throws ServiceUnavailableError while too many passwords are waiting.
   */
  requireRoom(options?: HashOptions): void
  hash(password: string, options?: HashOptions): Promise<string>
  /**
   * A failed check takes the same work with and without a hash, and whatever the cost of the hash, so that timing does not
   * reveal whether an account exists or how old its password is.
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
  requireRoom(options?: HashOptions): void
  hash(prepared: string, cost: number, options?: HashOptions): Promise<string>
  /**
   * Compares, and if the password does not match also hashes it once at each of `decoyCosts`, in the same job.
   * @returns false without a hash.
   */
  compare(check: BcryptCheck, options?: HashOptions): Promise<boolean>
}

export interface BcryptCheck {
  readonly prepared: string
  readonly hash: string | null
  readonly decoyCosts: readonly number[]
}

// bcrypt ignores everything after 72 bytes. HMAC-SHA-384 in base64 has 64 bytes for a password of any length and script;
// the label makes these digests differ from plain ones that leaked elsewhere (OWASP Password Storage: password shucking).
const DIGEST_LABEL = 'silent-refresh/password/v1'

/** Normalises to NFKC, so that different keyboards produce the same password. @see NIST SP 800-63B-4 §3.1.1.2 */
export function preparePassword(password: string): string {
  return createHmac('sha384', DIGEST_LABEL).update(password.normalize('NFKC'), 'utf8').digest('base64')
}

/**
 * @param costs.cost bcrypt's work factor for new hashes: each step doubles the time that a hash takes.
 * @param costs.highestStored the highest cost of the stored hashes; null when there are none.
 */
export function createPasswordHasher(
  bcrypt: Bcrypt,
  { cost, highestStored }: { readonly cost: number; readonly highestStored: number | null },
): PasswordHasher {
  // Every failed check takes the work of this cost. It grows when another instance stores hashes with a higher one.
  let highestCost = Math.max(cost, highestStored ?? 0)

  return {
    requireRoom: bcrypt.requireRoom,
    hash: (password, options) => bcrypt.hash(preparePassword(password), cost, options),
    async verify(password, hash, options) {
      const hashCost = hash === null ? null : costOf(hash)
      if (hashCost !== null) highestCost = Math.max(highestCost, hashCost)
      const check = {
        prepared: preparePassword(password),
        hash: hashCost === null ? null : hash,
        decoyCosts: hashCost === null ? [highestCost] : costsUpTo(highestCost, hashCost),
      }
      const matches = await bcrypt.compare(check, options)
      return { matches, needsRehash: matches && hashCost !== cost }
    },
  }
}

/** Null when it is not a bcrypt hash. */
function costOf(hash: string): number | null {
  const [, cost] = /^\$2[aby]\$(\d\d)\$/.exec(hash) ?? []
  return cost === undefined ? null : Number(cost)
}

/** The costs that, added to a hash at `from`, make up the work of one at `highest`: 2^c + 2^c + 2^(c+1) + … = 2^highest. */
function costsUpTo(highest: number, from: number): number[] {
  return Array.from({ length: highest - from }, (_, step) => from + step)
}
