import { expect, it } from '@jest/globals'
import { type Bcrypt, createPasswordHasher } from './password-hasher.ts'

/** A bcrypt that counts its work and matches a password only with the hash that it made of it. */
function countingBcrypt() {
  let work = 0
  const hashed = (prepared: string, cost: number) => `$2b$${String(cost).padStart(2, '0')}$${prepared}`
  const bcrypt: Bcrypt = {
    requireRoom: () => {},
    async hash(prepared, cost) {
      work += 2 ** cost
      return hashed(prepared, cost)
    },
    async compare({ prepared, hash, decoyCosts }) {
      const cost = hash === null ? null : Number(hash.slice(4, 6))
      if (cost !== null) work += 2 ** cost
      const matches = cost !== null && hash === hashed(prepared, cost)
      if (!matches) for (const decoyCost of decoyCosts) work += 2 ** decoyCost
      return matches
    },
  }
  /** The binary logarithm of the work: the cost of a single hash that would be as much. */
  async function costOf(job: () => Promise<unknown>): Promise<number> {
    work = 0
    await job()
    return Math.log2(work)
  }
  return { bcrypt, costOf }
}

it.each([
  ['raised from 10 to 12', { cost: 12, highestStored: 10 }, 12],
  ['lowered from 12 to 10', { cost: 10, highestStored: 12 }, 12],
  ['12 without any accounts', { cost: 12, highestStored: null }, 12],
])('S1: does the same work for every failed check when the cost was %s', async (_name, costs, expected) => {
  const { bcrypt, costOf } = countingBcrypt()
  const passwords = createPasswordHasher(bcrypt, costs)
  for (const stored of [4, 10, 11, 12]) {
    const hash = await createPasswordHasher(bcrypt, { cost: stored, highestStored: null }).hash('right')
    expect(await costOf(() => passwords.verify('wrong', hash))).toBe(expected)
  }
  expect(await costOf(() => passwords.verify('wrong', null))).toBe(expected)
  expect(await costOf(() => passwords.verify('wrong', 'not a bcrypt hash'))).toBe(expected)
})

it('S1: raises the work once it has seen a hash with a higher cost', async () => {
  const { bcrypt, costOf } = countingBcrypt()
  const passwords = createPasswordHasher(bcrypt, { cost: 10, highestStored: null })
  const higher = await createPasswordHasher(bcrypt, { cost: 12, highestStored: null }).hash('right')
  expect(await costOf(() => passwords.verify('wrong', null))).toBe(10)
  await passwords.verify('wrong', higher)
  expect(await costOf(() => passwords.verify('wrong', null))).toBe(12)
})

it('S21: adds no work to a successful check, and asks for a rehash when the cost differs', async () => {
  const { bcrypt, costOf } = countingBcrypt()
  const passwords = createPasswordHasher(bcrypt, { cost: 12, highestStored: 14 })
  const older = await createPasswordHasher(bcrypt, { cost: 10, highestStored: null }).hash('right')
  expect(await costOf(() => passwords.verify('right', older))).toBe(10)
  expect(await passwords.verify('right', older)).toEqual({ matches: true, needsRehash: true })
  expect(await passwords.verify('right', await passwords.hash('right'))).toEqual({ matches: true, needsRehash: false })
  expect(await passwords.verify('wrong', older)).toEqual({ matches: false, needsRehash: false })
})
