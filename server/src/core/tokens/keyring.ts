import { createSecretKey, type KeyObject } from 'node:crypto'

/** A signing secret: its public ID and its bytes. */
export interface NamedSecret {
  readonly kid: string
  readonly secret: string
}

/** Our keys for one kind of token: the first signs, all of them verify. */
export interface Keyring {
  readonly signing: { readonly kid: string; readonly key: KeyObject }
  /** Undefined if the key ID is not ours. */
  find(kid: unknown): KeyObject | undefined
}

/**
 * Creates the `KeyObject`s once, at start: given a string, `jsonwebtoken` first tries to parse it as a PEM key on every call,
 * which takes thirty times as long as the verification.
 * @see PROTOCOL.md S2, S3
 */
export function createKeyring(secrets: readonly NamedSecret[]): Keyring {
  const keys = new Map(secrets.map(({ kid, secret }) => [kid, createSecretKey(Buffer.from(secret, 'utf8'))] as const))
  const first = [...keys][0]
  if (first === undefined) throw new Error('A keyring requires at least one secret.')
  return {
    signing: { kid: first[0], key: first[1] },
    find: (kid) => (typeof kid === 'string' ? keys.get(kid) : undefined),
  }
}
