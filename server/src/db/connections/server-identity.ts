/** Which database on which running server a connection leads to. A restarted server counts as another one. */
export interface ServerIdentity {
  /** Distinguishes clusters; a standby has that of its primary. Null where we may not read it. */
  readonly systemIdentifier: string | null
  readonly database: string
  /** In seconds since the epoch, with microseconds. */
  readonly startedAt: string
}

/** Runs a statement on one connection and returns its rows. */
export type Query = <Row>(statement: string) => Promise<Row[]>

interface Row {
  readonly database: string
  readonly startedAt: string
  readonly mayReadSystem: boolean | null
}

/**
 * Reads where a connection leads. Behind a name or an address there can be two servers after a failover: connections opened
 * before it may still lead to the old one, which sends no notifications of what happens on the new one.
 * @see PROTOCOL.md S15
 */
export async function readServerIdentity(query: Query): Promise<ServerIdentity> {
  // Not every provider has the function or lets us call it, and Postgres checks the right even where CASE never calls it.
  const [row] = await query<Row>(`
    SELECT current_database() AS database, extract(epoch FROM pg_postmaster_start_time())::text AS "startedAt",
      has_function_privilege(to_regprocedure('pg_control_system()'), 'EXECUTE') AS "mayReadSystem"`)
  if (row === undefined) throw new Error('The server did not tell its identity.')
  const { database, startedAt, mayReadSystem } = row
  const [system] = mayReadSystem
    ? await query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')
    : []
  return { systemIdentifier: system?.id ?? null, database, startedAt }
}

export function isSameServer(one: ServerIdentity, other: ServerIdentity): boolean {
  const ids = [one.systemIdentifier, other.systemIdentifier]
  return (
    one.database === other.database && one.startedAt === other.startedAt && (ids[0] === ids[1] || ids.includes(null))
  )
}
