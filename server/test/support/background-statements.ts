/** Statements of the pool that run beside the requests, at any time: heartbeats and the pruning of the log. */
export const isBackground = (statement: string): boolean =>
  /pg_notify\('silent_refresh'|pg_current_snapshot/.test(statement)
