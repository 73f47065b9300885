import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createPasswordHasher, preparePassword } from '../core/password/password-hasher.ts'
import { type BcryptPool, createBcryptPool } from './bcrypt-pool.ts'

/** `@node-rs/bcrypt` itself, which package.json installs for this test under a name that the server does not know. */
const NATIVE = 'native-bcrypt'

let folder: string
let native: BcryptPool
let portable: BcryptPool
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silent-refresh-bcrypt-'))
  native = createBcryptPool(rethrow, { nativeModule: NATIVE })
  portable = createBcryptPool(rethrow, { nativeModule: 'a-package-that-is-not-installed' })
})
afterAll(async () => {
  await native.close()
  await portable.close()
  await rm(folder, { recursive: true })
})

function rethrow(error: unknown): never {
  throw error
}

it('uses the native module if it is installed, and bcryptjs otherwise', async () => {
  expect(await native.isNative()).toBe(true)
  expect(await portable.isNative()).toBe(false)
})

it('S1: writes hashes that the other implementation verifies', async () => {
  for (const password of ['a long password', 'pässwörd 密码 🔑', 'x'.repeat(1_000), '\0hidden']) {
    const prepared = preparePassword(password)
    for (const [writer, reader] of [
      [native, portable],
      [portable, native],
    ] as const) {
      const hash = await writer.hash(prepared, 5)
      expect(hash).toMatch(/^\$2b\$05\$[./A-Za-z0-9]{53}$/)
      expect(await reader.compare({ prepared, hash, decoyCosts: [] })).toBe(true)
      expect(await reader.compare({ prepared: preparePassword(`${password}.`), hash, decoyCosts: [4] })).toBe(false)
    }
  }
})

it('S1: reads the same hashes from other programs, and nothing from damaged ones', async () => {
  const prepared = preparePassword('a long password')
  const hash = await portable.hash(prepared, 4)
  const from = (other: string) => hash.replace('$2b$', other)
  for (const pool of [native, portable]) {
    for (const good of [from('$2a$'), from('$2y$')]) {
      expect([good, await pool.compare({ prepared, hash: good, decoyCosts: [] })]).toEqual([good, true])
    }
    for (const damaged of [hash.slice(0, -1), `${hash}.`, '$2b$04$', null]) {
      expect([damaged, await pool.compare({ prepared, hash: damaged, decoyCosts: [4] })]).toEqual([damaged, false])
    }
  }
})

it('S1: upgrades the cost of a hash in the same way', async () => {
  const cheap = await createPasswordHasher(portable, { cost: 4, highestStored: null }).hash('a long password')
  const passwords = createPasswordHasher(native, { cost: 5, highestStored: null })
  expect(await passwords.verify('a long password', cheap)).toEqual({ matches: true, needsRehash: true })
  expect(await passwords.verify('a long password', null)).toEqual({ matches: false, needsRehash: false })
})

describe('with a module that does not work', () => {
  const cases: [title: string, code: string][] = [
    ['throws when it is loaded', 'throw new Error("invalid ELF header")'],
    ['is something else', 'export default {}'],
    ['accepts every password', 'export default { hashSync: () => "", compareSync: () => true }'],
    [
      'writes other hashes',
      'export default { hashSync: () => "$argon2id$v=19$", compareSync: (text) => text === "self-test" }',
    ],
  ]
  it.each(cases)('falls back to bcryptjs: one that %s', async (title, code) => {
    const file = join(folder, `${title.replaceAll(' ', '-')}.mjs`)
    await writeFile(file, code)
    const pool = createBcryptPool(rethrow, { nativeModule: pathToFileURL(file).href })
    const prepared = preparePassword('a long password')
    const hash = await pool.hash(prepared, 4)
    expect([await pool.isNative(), await native.compare({ prepared, hash, decoyCosts: [] })]).toEqual([false, true])
    await pool.close()
  })
})
