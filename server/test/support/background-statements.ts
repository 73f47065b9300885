/** Statements of the pool that run beside the requests, at any time: heartbeats, pruning, and times of last use. */
export const isBackground = (statement: string): boolean =>
  /pg_notify\('silent_refresh'|pg_current_snapshot|last_seen_at = free\.at/.test(statement)
