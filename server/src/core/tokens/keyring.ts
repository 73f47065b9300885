import { createSecretKey, type KeyObject } from 'node:crypto'

/** One signing secret: its public name and its bytes. */
export interface NamedSecret {
  kid: string
  secret: string
}

/** Our own keys of one kind of token: the first signs, all verify. */
export interface Keyring {
  signing: { kid: string; key: KeyObject }
  /** Undefined for a name that is not ours. */
  find(kid: unknown): KeyObject | undefined
}

/**
 * Makes `KeyObject`s once, at start: `jsonwebtoken` given a string first tries to read it as a PEM key at every call,
 * which costs thirty times the verification.
 * @see PROTOCOL.md S2, S3
 */
export function createKeyring(secrets: readonly NamedSecret[]): Keyring {
  const keys = new Map(secrets.map(({ kid, secret }) => [kid, createSecretKey(Buffer.from(secret, 'utf8'))] as const))
  const first = [...keys][0]
  if (first === undefined) throw new Error('A keyring needs at least one secret.')
  return {
    signing: { kid: first[0], key: first[1] },
    find: (kid) => (typeof kid === 'string' ? keys.get(kid) : undefined),
  }
}
