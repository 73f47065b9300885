import type { Pool } from 'pg'
import { DataSource, type Logger } from 'typeorm'
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js'
import { migrationSettings, requestSettings } from './connections/session-settings.ts'
import { createStatementNames, type StatementNames } from './connections/statement-names.ts'
import { StrictClient } from './connections/strict-client.ts'
import { SecurityEventEntity } from './entities/security-event.ts'
import { SessionEntity } from './entities/session.ts'
import { UserEntity } from './entities/user.ts'
import { Sessions1767225600000 } from './migrations/0001-sessions.ts'
import { RevocationFeed1767225600001 } from './migrations/0002-revocation-feed.ts'
import { AttemptCounters1767225600002 } from './migrations/0003-attempt-counters.ts'
import { RevocationLag1767225600003 } from './migrations/0004-revocation-lag.ts'
import { RevocationLog1767225600004 } from './migrations/0005-revocation-log.ts'
import { Accounts1767225600005 } from './migrations/0006-accounts.ts'
import { PasswordCost1767225600006 } from './migrations/0007-password-cost.ts'
import { BoundedWork1767225600007 } from './migrations/0008-bounded-work.ts'
import { ProfileChanges1767225600009 } from './migrations/0010-profile-changes.ts'

export interface DatabaseOptions {
  readonly url: string
  readonly poolSize: number
  /** Requests must not hang; migrations take as long as they take. @default 'request' */
  readonly timeouts?: 'request' | 'none'
  /** False where a pooler in between cannot follow named statements. @default true */
  readonly preparedStatements?: boolean
  /** Receives every statement. Tests use it to count them. */
  readonly logger?: Logger
}

// So that requests fail instead of hanging when the database does not answer. Milliseconds.
const CONNECT_TIMEOUT_MS = 3_000
/** Longer than `statement_timeout`, whose error leaves the connection usable. */
const QUERY_TIMEOUT_MS = 6_000

/** TypeORM's own logger prints failed migrations to standard output, whatever its settings. They are thrown as well. */
const silent: Logger = {
  logQuery: () => {},
  logQueryError: () => {},
  logQuerySlow: () => {},
  logSchemaBuild: () => {},
  logMigration: () => {},
  log: () => {},
}

/** A pool that is not connected yet. */
export function createDataSource({
  url,
  poolSize,
  timeouts = 'request',
  preparedStatements = true,
  logger = silent,
}: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    entities: [UserEntity, SessionEntity, SecurityEventEntity],
    migrations: [
      Sessions1767225600000,
      RevocationFeed1767225600001,
      AttemptCounters1767225600002,
      RevocationLag1767225600003,
      RevocationLog1767225600004,
      Accounts1767225600005,
      PasswordCost1767225600006,
      BoundedWork1767225600007,
      ProfileChanges1767225600009,
    ],
    migrationsTableName: 'migrations',
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'silent-refresh',
    extra: {
      Client: StrictClient,
      names: createStatementNames(preparedStatements),
      ...(timeouts === 'request'
        ? { settings: requestSettings, query_timeout: QUERY_TIMEOUT_MS }
        : { settings: migrationSettings }),
    },
    logger,
  })
}

/** The pool under TypeORM. */
export const poolOf = (dataSource: DataSource): Pool => (dataSource.driver as PostgresDriver).master

/** The pool's connections by state, and how many requests wait for one. */
export function poolStats(dataSource: DataSource): { busy: number; idle: number; waiting: number } {
  const pool = poolOf(dataSource)
  return { busy: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount }
}

/** Calls the listener when a pooler refuses the names of statements. No request fails because of it. */
export function onNamesRefused(dataSource: DataSource, listener: (error: unknown) => void): void {
  const { names } = poolOf(dataSource).options as unknown as { names: StatementNames }
  names.onRefused = listener
}
