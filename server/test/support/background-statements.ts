import { touchStatement } from '../../src/db/statements/touch-statement.ts'

/** Statements of the pool that run beside the requests, at any time: heartbeats, the pruning of the log, and last uses. */
export const isBackground = (statement: string): boolean =>
  statement === touchStatement.text || /pg_notify\('silent_refresh'|pg_current_snapshot/.test(statement)
