/**
 * What both implementations of bcrypt offer.
 * @typedef {{ hashSync(text: string, cost: number): string, compareSync(text: string, hash: string): boolean }} Bcrypt
 */

/** bcryptjs's hash of 'self-test' at the lowest cost. */
const KNOWN_HASH = '$2b$04$bsgoTs6dDb4G4ZOfS5/yl.wuQtajITrfAcyVNK53U79oRdfq7CwJe'

/**
 * The native module if the operator has installed it and it works here, otherwise bcryptjs, which runs everywhere. Both write
 * `$2b$` hashes and verify those of the other, so it can be installed and removed at any time.
 * @param {string} nativeModule the name of `@node-rs/bcrypt`, or the URL of a module with the same functions.
 * @returns {Promise<Bcrypt & { isNative: boolean }>}
 */
export async function loadBcrypt(nativeModule) {
  try {
    const native = as2b((await import(nativeModule)).default)
    if (works(native)) return { ...native, isNative: true }
  } catch {
    // It is not installed, or not built for this system.
  }
  const { default: bcryptjs } = await import('bcryptjs')
  return { ...bcryptjs, isNative: false }
}

/**
 * The native module writes `$2y$`, PHP's name for what everyone else calls `$2b$`.
 * @param {Bcrypt} native
 * @returns {Bcrypt}
 */
const as2b = ({ hashSync, compareSync }) => ({
  hashSync: (text, cost) => hashSync(text, cost).replace(/^\$2y\$/, '$2b$$'),
  compareSync,
})

/** A module that cannot do this would lock users out. @param {Bcrypt} bcrypt */
const works = ({ hashSync, compareSync }) =>
  compareSync('self-test', KNOWN_HASH) === true &&
  compareSync('another text', KNOWN_HASH) === false &&
  /^\$2b\$04\$[./A-Za-z0-9]{53}$/.test(hashSync('self-test', 4))
