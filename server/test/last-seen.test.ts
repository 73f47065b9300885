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
  const lastSeen = createLastSeen(server.clock, createSessionStore(server.dataSource).touch)
  await server.clock.advance({ minutes: 1 })
  for (const id of ids) lastSeen.note(id)
  const expected = server.clock.nowMs()
  const before = server.statements.length
  await lastSeen.flush()
  await lastSeen.flush() // nothing to write
  expect(server.statements.length - before).toBe(1)
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
