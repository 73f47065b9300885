import { createHmac } from 'node:crypto'

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /**
   * Does the same work whether there is a hash or not, so that time does not tell if an account exists.
   * `needsRehash`: it matches, but was hashed at another cost.
   * @see PROTOCOL.md S1, S21
   */
  verify(password: string, hash: string | null): Promise<{ matches: boolean; needsRehash: boolean }>
}

/** bcrypt itself, run off the event loop. */
export interface Bcrypt {
  hash(prepared: string, cost: number): Promise<string>
  compare(prepared: string, hash: string): Promise<boolean>
}

// bcrypt reads 72 bytes and drops the rest. HMAC-SHA-384 in base64 is 64, whatever the password's length and script;
// the label keeps these digests apart from plain ones that leaked elsewhere (OWASP Password Storage: password shucking).
const DIGEST_LABEL = 'silent-refresh/password/v1'

/** NFKC, so that the same password typed on another keyboard is the same. @see NIST SP 800-63B-4 §3.1.1.2 */
export function preparePassword(password: string): string {
  return createHmac('sha384', DIGEST_LABEL).update(password.normalize('NFKC'), 'utf8').digest('base64')
}

/** @param cost bcrypt's work factor: each step doubles the time. */
export async function createPasswordHasher(bcrypt: Bcrypt, cost: number): Promise<PasswordHasher> {
  // Compared with when the account is unknown; of the same cost, and of a password that nobody has.
  const decoy = await bcrypt.hash(preparePassword(crypto.randomUUID()), cost)
  const prefix = new RegExp(`^\\$2[aby]\\$${String(cost).padStart(2, '0')}\\$`)
  return {
    hash: (password) => bcrypt.hash(preparePassword(password), cost),
    async verify(password, hash) {
      const same = await bcrypt.compare(preparePassword(password), hash ?? decoy)
      const matches = hash !== null && same
      return { matches, needsRehash: matches && !prefix.test(hash) }
    },
  }
}
