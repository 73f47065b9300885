import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createLastSeen } from '../src/core/sessions/last-seen.ts'
import { createSessionStore } from '../src/db/session-store.ts'
import { somebody } from './support/people.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const newSession = async () => (await server.client().register(somebody())).session.id
async function lastSeenOf(id: string): Promise<number> {
  const [row] = await server.dataSource.query('SELECT last_seen_at FROM sessions WHERE id = $1', [id])
  return row.last_seen_at.getTime()
}

it('S13: updates many sessions in one statement, and never moves a time back', async () => {
  const ids = [await newSession(), await newSession(), await newSession()]
  const { touch } = createSessionStore(server.dataSource)
  let writes = 0
  const lastSeen = createLastSeen(server.clock, (batch) => {
    writes++
    return touch(batch)
  })
  await server.clock.advance({ minutes: 1 })
  for (const id of ids) lastSeen.note(id)
  const expected = server.clock.nowMs()
  await lastSeen.flush()
  await lastSeen.flush() // nothing to write
  expect(writes).toBe(1)
  for (const id of ids) expect(Math.abs((await lastSeenOf(id)) - expected)).toBeLessThan(1_000)

  const seen = await lastSeenOf(ids[0] ?? '')
  await createSessionStore(server.dataSource).touch(new Map([[ids[0] ?? '', seen - 30_000]]))
  expect(await lastSeenOf(ids[0] ?? '')).toBe(seen)
})

it('S13: retries failed writes on the next flush', async () => {
  const id = await newSession()
  const lastSeen = createLastSeen(server.clock, createSessionStore(server.dataSource).touch)
  await server.clock.advance({ minutes: 1 })
  lastSeen.note(id)
  await server.dataSource.query('ALTER TABLE sessions RENAME TO sessions_away')
  await expect(lastSeen.flush()).rejects.toThrow()
  await server.dataSource.query('ALTER TABLE sessions_away RENAME TO sessions')
  const before = await lastSeenOf(id)
  await lastSeen.flush()
  expect(await lastSeenOf(id)).toBeGreaterThan(before)
})

it('S13: skips a locked row without waiting', async () => {
  const [held, free] = [await newSession(), await newSession()]
  const holder = server.dataSource.createQueryRunner()
  await holder.startTransaction()
  await holder.query('SELECT FROM sessions WHERE id = $1 FOR UPDATE', [held])
  const [heldBefore, freeBefore] = [await lastSeenOf(held), await lastSeenOf(free)]
  const later = server.clock.nowMs() + 60_000
  await createSessionStore(server.dataSource).touch(new Map([held, free].map((id) => [id, later])))
  await holder.rollbackTransaction()
  await holder.release()
  expect(await lastSeenOf(held)).toBe(heldBefore)
  expect(await lastSeenOf(free)).toBeGreaterThan(freeBefore)
})

it('S13: writes at most 1,000 sessions in one statement, and all others when one statement fails', async () => {
  const writes: string[][] = []
  let fails = true
  const lastSeen = createLastSeen(server.clock, async (batch) => {
    writes.push([...batch.keys()])
    if (fails && batch.has('session-0')) throw new Error('refused')
  })
  const ids = Array.from({ length: 2_500 }, (_, n) => `session-${n}`)
  for (const id of ids) lastSeen.note(id)
  await expect(lastSeen.flush()).rejects.toThrow('refused')
  expect(writes.map(({ length }) => length)).toEqual([1_000, 1_000, 500])
  fails = false
  await lastSeen.flush()
  expect(writes.slice(3)).toEqual([ids.slice(0, 1_000)])
})

it('S13: flushes one after the other', async () => {
  const finish: (() => void)[] = []
  const lastSeen = createLastSeen(server.clock, () => new Promise((resolve) => finish.push(resolve)))
  lastSeen.note('first')
  const first = lastSeen.flush()
  await new Promise(setImmediate)
  lastSeen.note('second')
  const second = lastSeen.flush()
  await new Promise(setImmediate)
  expect(finish).toHaveLength(1)
  finish[0]?.()
  await first
  await new Promise(setImmediate)
  expect(finish).toHaveLength(2)
  finish[1]?.()
  await second
})
