import pg from 'pg'
import type { DataSource, Logger } from 'typeorm'
import { createDataSource } from '../../server/src/db/data-source.ts'
import { createSessionStore } from '../../server/src/db/session-store.ts'
import { origin, type SessionTable, sessionId } from './sessions.ts'
import { oldRotateStatement } from './statement-of-d4f0598.ts'

/** A way to rotate a session. */
export interface Rotator {
  readonly label: string
  /** Rotates one of the worker's own sessions, chosen at random. */
  rotateOne(worker: number, workers: number): Promise<void>
  close(): Promise<void>
}

const WEEK_MS = 7 * 86_400_000
const tokenExpiresAt = (): number => Math.floor((Date.now() + WEEK_MS) / 1_000)

/** Commits without waiting for the disk, to see the cost of the statement alone. */
export const withoutWaiting = (url: string): string =>
  `${url}?options=${encodeURIComponent('-c synchronous_commit=off')}`

/** Rotates as the server does. */
export async function storeRotator(table: SessionTable, url: string): Promise<Rotator> {
  const dataSource = await createDataSource({ url, poolSize: 10 }).initialize()
  return {
    label: labels.store,
    rotateOne: rotateThrough(dataSource, table),
    close: () => dataSource.destroy(),
  }
}

function rotateThrough(dataSource: DataSource, table: SessionTable) {
  const store = createSessionStore(dataSource)
  return async (worker: number, workers: number) => {
    const index = pick(table, worker, workers)
    const { outcome } = await store.rotate({
      ...origin,
      sessionId: sessionId(index),
      generation: table.generations[index] ?? 0,
      tokenExpiresAt: tokenExpiresAt(),
      gracePeriodMs: 10_000,
      rotates: true,
      extendsByMs: WEEK_MS,
      refreshesPerMinute: 0,
    })
    recordRotation(table, index, outcome)
  }
}

export const labels = {
  floor: 'a plain UPDATE of one column by primary key, named',
  oldPlanned: 'the statement of d4f0598, planned each time',
  oldNamed: 'the statement of d4f0598, named',
  planned: 'the statement of today, planned each time',
  named: 'the statement of today, named',
  store: '**as the server runs it today**',
} as const

/** All ways to compare. */
export async function createRotators(table: SessionTable, url: string): Promise<Rotator[]> {
  const today = await statementOfToday(table)
  return [
    statementRotator(table, url, labels.floor, 'floor', plainUpdate, plainValues),
    statementRotator(table, url, labels.oldPlanned, undefined, oldRotateStatement, rotationValues),
    statementRotator(table, url, labels.oldNamed, 'old', oldRotateStatement, rotationValues),
    statementRotator(table, url, labels.planned, undefined, today, rotationValues),
    statementRotator(table, url, labels.named, 'today', today, rotationValues),
    await storeRotator(table, url),
  ]
}

type Values = (id: string, generation: number) => unknown[]

const plainUpdate = 'UPDATE sessions SET generation = generation + 1 WHERE id = $1 RETURNING generation'
const plainValues: Values = (id) => [id]

const rotationValues: Values = (id, generation) => [
  ...[id, generation, 10_000, true, WEEK_MS, 0],
  ...[origin.userAgent, origin.ipAddress, tokenExpiresAt()],
]

/** Runs a statement directly with the driver. @param name undefined: Postgres plans it each time */
function statementRotator(
  table: SessionTable,
  connectionString: string,
  label: string,
  name: string | undefined,
  text: string,
  valuesOf: Values,
): Rotator {
  const pool = new pg.Pool({ connectionString, max: 10 })
  pool.on('error', () => {}) // a connection that breaks while idle; the next query reports it
  return {
    label,
    async rotateOne(worker, workers) {
      const index = pick(table, worker, workers)
      const values = valuesOf(sessionId(index), table.generations[index] ?? 0)
      const { rows } = await pool.query({ text, values, ...(name !== undefined && { name }) })
      recordRotation(
        table,
        index,
        rows[0]?.outcome ?? rows[0]?.last_outcome ?? (rows.length > 0 ? 'rotated' : 'unknown'),
      )
    },
    close: () => pool.end(),
  }
}

/** What the store sends for an ordinary rotation, so that this file need not know how the store is built. */
async function statementOfToday(table: SessionTable): Promise<string> {
  const statements: string[] = []
  const nothing = () => {}
  const logger = new Proxy({} as Logger, {
    get: (_, name) => (name === 'logQuery' ? (text: string) => void statements.push(text) : nothing),
  })
  const dataSource = await createDataSource({ url: table.url, poolSize: 1, logger }).initialize()
  try {
    statements.length = 0
    await rotateThrough(dataSource, table)(0, 1)
    const [statement] = statements
    if (statement === undefined) throw new Error('The rotation logged no statement.')
    return statement
  } finally {
    await dataSource.destroy()
  }
}

/** Workers never share a session, so that each knows its generation. */
function pick({ count }: SessionTable, worker: number, workers: number): number {
  return worker + workers * Math.floor(Math.random() * Math.floor(count / workers))
}

/** @throws Error if the session was not rotated */
function recordRotation(table: SessionTable, index: number, outcome: string): void {
  if (outcome !== 'rotated') throw new Error(`A rotation was answered ${outcome}.`)
  table.generations[index] = (table.generations[index] ?? 0) + 1
}
