import { DataSource, type Logger } from 'typeorm'
import { SecurityEventEntity } from './entities/security-event.ts'
import { SessionEntity } from './entities/session.ts'
import { UserEntity } from './entities/user.ts'
import { Sessions1767225600000 } from './migrations/0001-sessions.ts'
import { RevocationFeed1767225600001 } from './migrations/0002-revocation-feed.ts'
import { AttemptCounters1767225600002 } from './migrations/0003-attempt-counters.ts'

export interface DatabaseOptions {
  url: string
  poolSize: number
  /** Sees every statement; tests count with it. */
  logger?: Logger
}

// Bounds, so that a database in trouble gives an answer and not a hanging request. Milliseconds.
const CONNECT_TIMEOUT_MS = 3_000
const STATEMENT_TIMEOUT_MS = 5_000

/** The pool; not yet connected. */
export function createDataSource({ url, poolSize, logger }: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    entities: [UserEntity, SessionEntity, SecurityEventEntity],
    migrations: [Sessions1767225600000, RevocationFeed1767225600001, AttemptCounters1767225600002],
    migrationsTableName: 'migrations',
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'silent-refresh',
    extra: { statement_timeout: STATEMENT_TIMEOUT_MS, query_timeout: STATEMENT_TIMEOUT_MS + 1_000 },
    ...(logger === undefined ? { logging: false } : { logging: 'all' as const, logger }),
  })
}
