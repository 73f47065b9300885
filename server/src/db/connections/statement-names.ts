/**
 * What Postgres answers when it does not know a named statement (26000), knows it already (42P05), or has planned it before
 * the type of its result changed (0A000). In all cases the statement has had no effect.
 * @see PostgreSQL, Appendix A
 */
const refusedCode = /^(26000|42P05|0A000)$/

/** Whether the statements of a pool are named. Its connections share it. */
export interface StatementNames {
  isOn: boolean
  /** Called once, when a pooler has refused a name, and names are off from then on. */
  onRefused(error: unknown): void
}

export const createStatementNames = (isOn: boolean): StatementNames => ({ isOn, onRefused() {} })

/**
 * Decides what to do about an error of a named statement that ran on its own.
 *
 * Postgres itself always knows the names of a connection. A transaction pooler that does not follow them, such as PgBouncer
 * before 1.21, passes the connection on to another client. Names are then turned off, because nearly every second statement
 * would fail first. A result whose type changed concerns only the connection, which should be closed.
 * @returns null when the error has nothing to do with the name.
 */
export function handleRefusedName(
  names: StatementNames,
  error: { code?: string; routine?: string },
): 'stale' | 'off' | null {
  if (!refusedCode.test(error.code ?? '')) return null
  // The code stands for all that Postgres does not support.
  if (error.code === '0A000') return error.routine === 'RevalidateCachedQuery' ? 'stale' : null
  if (names.isOn) {
    names.isOn = false
    names.onRefused(error)
  }
  return 'off'
}
