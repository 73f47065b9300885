import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import pg from 'pg'
import { migrate } from '../src/db/migrate.ts'
import { anyRotation, ordinaryRotation, type RotatedRow } from '../src/db/statements/rotate-statement.ts'
import { createTestDatabase, type TestDatabase } from './support/database.ts'

let database: TestDatabase
let client: pg.Client
beforeAll(async () => {
  database = await createTestDatabase()
  await migrate(database.url)
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

const SECOND = 1_000
const MINUTE = 60_000
const DAY = 86_400_000

/** Times around a limit: just before it, exactly at it and after it. */
const around = (limitMs: number, ...more: number[]) => fc.constantFrom(limitMs - 1, limitMs, limitMs + 1, ...more)
const address = fc.constantFrom('192.0.2.1', '198.51.100.7', null)

/** A stored session. Times are relative to the clock of the database, in milliseconds. */
const stored = fc.record({
  generation: fc.nat({ max: 3 }),
  rotatedAtMs: around(-10 * SECOND, 0),
  expiresAtMs: around(0, DAY, DAY, DAY),
  absoluteExpiresAtMs: fc.constantFrom(null, 2 * DAY, 30 * DAY),
  windowAtMs: around(-MINUTE, 0),
  refreshCount: fc.nat({ max: 3 }),
  isRevoked: fc.constantFrom(false, false, false, true),
  ipAddress: address,
})
const presented = fc.record({
  generation: fc.nat({ max: 3 }),
  gracePeriodMs: fc.constantFrom(10 * SECOND, 10 * SECOND, 0),
  rotates: fc.constantFrom(true, true, false),
  extendsByMs: fc.constantFrom(7 * DAY, null),
  refreshesPerMinute: fc.nat({ max: 3 }),
  ipAddress: address,
  tokenExpiresInMs: around(0, DAY, DAY, DAY),
})
type Stored = typeof stored extends fc.Arbitrary<infer T> ? T : never
type Presented = typeof presented extends fc.Arbitrary<infer T> ? T : never

/** Runs both statements on the same row at the same moment; only the transaction sees what they do. */
async function compare(row: Stored, token: Presented) {
  const [userId, sessionId] = [randomUUID(), randomUUID()]
  const after = (parameter: string) => `now() + ${parameter}::float8 * interval '1 millisecond'`
  await client.query('BEGIN')
  try {
    await client.query(
      `INSERT INTO users (id, username, username_key, email, password_hash) VALUES ($1, $2, $2, $2, 'not a hash')`,
      [userId, userId],
    )
    await client.query(
      `INSERT INTO sessions (id, user_id, user_agent, ip_address, generation, created_at, last_seen_at, rotated_at,
         expires_at, absolute_expires_at, refresh_window_at, refresh_count, revoked_at)
       VALUES ($1, $2, 'a browser', $3, $4, ${after('-1000000')}, ${after('-1000000')}, ${after('$5')},
         ${after('$6')}, ${after('$7')}, ${after('$8')}, $9, CASE WHEN $10 THEN now() END)`,
      [
        ...[sessionId, userId, row.ipAddress, row.generation, row.rotatedAtMs],
        ...[row.expiresAtMs, row.absoluteExpiresAtMs, row.windowAtMs, row.refreshCount, row.isRevoked],
      ],
    )
    const { rows } = await client.query(`SELECT extract(epoch FROM ${after('$1')}) AS "at"`, [token.tokenExpiresInMs])
    const values = [
      ...[sessionId, token.generation, token.gracePeriodMs, token.rotates, token.extendsByMs],
      ...[token.refreshesPerMinute, 'an update', token.ipAddress, rows[0].at],
    ]
    const read = async () => (await client.query('SELECT * FROM sessions WHERE id = $1', [sessionId])).rows[0]
    const before = await read()
    const runs: { answer: RotatedRow | undefined; row: object }[] = []
    for (const { text } of [anyRotation, ordinaryRotation]) {
      await client.query('SAVEPOINT before')
      const [answer] = (await client.query<RotatedRow>(text, values)).rows
      runs.push({ answer, row: await read() })
      await client.query('ROLLBACK TO before')
    }
    const [any, ordinary] = runs
    if (any === undefined || ordinary === undefined) throw new Error('Two statements have run.')
    return { before, any, ordinary }
  } finally {
    await client.query('ROLLBACK')
  }
}

it('S5–S9, S12, S19: the ordinary rotation does what the other one would do, or nothing', async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(stored, presented, async (row, token) => {
      const { before, any, ordinary } = await compare(row, token)
      const outcome = any.answer?.outcome ?? 'none'
      const isOrdinary = ['rotated', 'repeated'].includes(outcome) && row.ipAddress === token.ipAddress
      seen.set(isOrdinary ? `ordinary ${outcome}` : outcome, (seen.get(outcome) ?? 0) + 1)
      expect(ordinary).toEqual(isOrdinary ? any : { answer: undefined, row: before })
    }),
    { numRuns: 600, seed: 20_261_130 },
  )
  const outcomes = ['rotated', 'repeated', 'limited', 'reused', 'ahead', 'expired', 'revoked']
  expect([...seen.keys()].sort()).toEqual([...outcomes, 'ordinary rotated', 'ordinary repeated'].sort())
})
