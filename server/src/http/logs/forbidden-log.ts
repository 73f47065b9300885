import type { Refused } from '../../errors.ts'

/** How often a user can cause a line, in milliseconds. */
const INTERVAL_MS = 60_000
/** Users whose refusals are counted at the same time. Refusals of further users are only part of the metric. */
const MAX_USERS = 1_000

export interface ForbiddenLog {
  /** @param requestId undefined over a socket. */
  forbidden(refused: Refused, requestId: string | undefined): void
}

/**
 * Logs operations that were refused because of the user's role: the first at once, then at most one line per user and
 * minute with their number, so that nobody can flood the log.
 * @see PROTOCOL.md S16
 */
export function createForbiddenLog(options: {
  readonly warn: (line: object, message: string) => void
  /** Called after the time, in milliseconds. @default a timer that does not keep the process running */
  readonly later?: (run: () => void, ms: number) => void
}): ForbiddenLog {
  const { warn, later = (run, ms) => void setTimeout(run, ms).unref() } = options
  /** By user: the refusals since the last line. */
  const counts = new Map<string, number>()

  function log({ userId, requiredRole }: Refused, requestId: string | undefined, count: number): void {
    warn({ ...(requestId && { reqId: requestId }), userId, requiredRole, count }, 'operation forbidden')
    counts.set(userId, 0)
    later(() => {
      const since = counts.get(userId) ?? 0
      if (since === 0) counts.delete(userId)
      else log({ userId, requiredRole }, undefined, since)
    }, INTERVAL_MS)
  }

  return {
    forbidden(refused, requestId) {
      const count = counts.get(refused.userId)
      if (count !== undefined) counts.set(refused.userId, count + 1)
      else if (counts.size < MAX_USERS) log(refused, requestId, 1)
    },
  }
}
