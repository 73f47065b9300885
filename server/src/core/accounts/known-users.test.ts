import { expect, it } from '@jest/globals'
import type { User } from '../model.ts'
import { createKnownUsers } from './known-users.ts'

/** A database whose reads finish when the test says so. */
function world() {
  const rows = new Map([['ada', rowOf('ada')]])
  const reads: (() => void)[] = []
  let isCurrent = true
  let nowMs = 1
  const known = createKnownUsers(
    (id) => {
      const row = rows.get(id) ?? null // as of the beginning of the read
      return new Promise((resolve) => reads.push(() => resolve(row)))
    },
    () => isCurrent,
    () => nowMs,
  )
  return {
    known,
    reads,
    rename: (username: string) => rows.set('ada', { ...rowOf('ada'), username }),
    lose: () => {
      isCurrent = false
      known.clear()
    },
    wait: (ms: number) => {
      nowMs += ms
    },
    recover: () => {
      isCurrent = true
    },
    /** What `find` answers, and how many reads it took. */
    async find(userVersion = 1): Promise<[string | undefined, number]> {
      const before = reads.length
      const found = known.find({ userId: 'ada', userVersion })
      await Promise.resolve()
      for (const finish of reads.slice(before)) finish()
      return [(await found)?.username, reads.length - before]
    },
  }
}

const rowOf = (id: string): User => ({
  ...{ id, username: id, email: `${id}@example.com`, role: 'USER', version: 1, createdAt: new Date(0) },
})

it('S15: reads a row once, and again when it has changed', async () => {
  const { find, known, rename } = world()
  expect([await find(), await find()]).toEqual([
    ['ada', 1],
    ['ada', 0],
  ])
  rename('lovelace')
  known.changed('ada')
  expect(await find()).toEqual(['lovelace', 1])
})

it('S15: does not keep a row that changed while it was read', async () => {
  const { find, known, reads, rename } = world()
  const early = known.find({ userId: 'ada', userVersion: 1 })
  rename('lovelace')
  known.changed('ada')
  reads[0]?.()
  expect((await early)?.username).toBe('ada')
  expect(await find()).toEqual(['lovelace', 1])
})

it('S15: does not answer with a row that is older than the token', async () => {
  const { find } = world()
  await find()
  expect(await find(2)).toEqual(['ada', 1])
})

it('S15: keeps nothing while the feed is lost, nor from before', async () => {
  const { find, lose, recover, rename } = world()
  await find()
  lose()
  expect([await find(), await find()]).toEqual([
    ['ada', 1],
    ['ada', 1],
  ])
  rename('lovelace')
  recover()
  expect([await find(), await find()]).toEqual([
    ['lovelace', 1],
    ['lovelace', 0],
  ])
})

it('S15: reads a row again after a minute', async () => {
  const { find, wait } = world()
  await find()
  wait(59_000)
  expect(await find()).toEqual(['ada', 0])
  wait(2_000)
  expect(await find()).toEqual(['ada', 1])
})

it('answers null for a user who is gone, and asks again the next time', async () => {
  let reads = 0
  const known = createKnownUsers(
    async () => {
      reads += 1
      return null
    },
    () => true,
    () => 1,
  )
  const claims = { userId: 'nobody', userVersion: 1 }
  expect([await known.find(claims), await known.find(claims)]).toEqual([null, null])
  expect(reads).toBe(2)
})
