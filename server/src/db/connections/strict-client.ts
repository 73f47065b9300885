import pg from 'pg'
import { pinSettings, type SessionSettings } from './session-settings.ts'
import { createStatementNames, handleRefusedName, type StatementNames } from './statement-names.ts'

/**
 * What Postgres answers on a connection that cannot do our work, while a new one may: it ends (57P, 25P03, 25P04), is read-only
 * (25006), lacks rights (42501, 28) or sees another database or schema than it should (3D000, 3F000, 42P01, 42703). A fix of a
 * role or a database often affects new connections only, and a name may by then lead to another server.
 * @see PostgreSQL, Appendix A
 */
const unfitCode = /^(57P..|25P0[34]|25006|42501|28...|3D000|3F000|42P01|42703)$/

/** With which TypeORM begins a transaction. Behind a pooler, no other level could be excluded (PROTOCOL.md S14). */
const BEGIN = /^(BEGIN( TRANSACTION)?|START TRANSACTION)$/i
const BEGIN_READ_COMMITTED = 'START TRANSACTION ISOLATION LEVEL READ COMMITTED'

/** No connection could be opened, so nothing was executed. The cause is an error of Postgres, a pooler, TLS or the network. */
export class ConnectionFailedError extends Error {
  constructor(cause: unknown) {
    const { message, code } = cause as { message?: string; code?: string } // some errors have a code and no message
    super(message || code, { cause })
    this.name = new.target.name
  }
}

export interface StrictClientConfig extends pg.ClientConfig {
  readonly settings?: SessionSettings
  /** Whether named statements keep their names. @default they do */
  readonly names?: StatementNames
}

/**
 * A Postgres client that never ends the process, pins its settings before its first use, and closes its connection
 *
 * - when a query times out (`query_timeout`). By itself the driver only stops waiting for the query. The pool would then hand
 *   out a connection on which that query still runs or a transaction is still open, and later writes on it might never be
 *   committed. A connection to a machine that is gone would be used again and again until TCP gives up.
 * - when it cannot do our work. The pool would otherwise keep it for as long as there is traffic.
 *
 * Two kinds of statements outside a transaction run again, because they had no effect: one that failed because of another
 * one (40001), now at READ COMMITTED, where it waits instead; and one whose name Postgres did not accept, now without it.
 * Direct connections are always at READ COMMITTED. All transactions begin at it in the same round trip, which TypeORM cannot
 * ask for.
 * @see PROTOCOL.md S5, S14, S24
 */
export class StrictClient extends pg.Client {
  private readonly settings: SessionSettings
  private readonly names: StatementNames

  constructor(config: StrictClientConfig) {
    super(config)
    this.settings = config.settings ?? {}
    this.names = config.names ?? createStatementNames(true)
    // The pool handles errors of idle connections, TypeORM those of connections in use. Between the two there is no listener, and
    // an error at that moment would end the process. Both notice the lost connection without the event.
    this.on('error', () => {})
  }

  /** @throws ConnectionFailedError */
  override connect(): Promise<this>
  override connect(callback: (error: Error | null, client?: this) => void): void
  override connect(callback?: (error: Error | null, client?: this) => void): Promise<this> | undefined {
    const connected = this.open()
    if (callback === undefined) return connected
    connected.then((client) => callback(null, client), callback)
    return undefined
  }

  // biome-ignore lint/suspicious/noExplicitAny: `query` has many overloads
  override query(...[asked, ...more]: any[]): any {
    const isAlone = this.getTransactionStatus() === 'I'
    const statement = this.names.isOn ? asked : withoutName(asked)
    const result: unknown = super.query(isBegin(statement) ? BEGIN_READ_COMMITTED : statement, ...(more as []))
    if (!(result instanceof Promise)) return result
    return result.catch((error: { code?: string }) => {
      if (isAlone && error.code === '40001') return this.queryAtReadCommitted(withoutName(statement), more)
      if (isAlone && nameOf(statement) !== undefined) {
        const refused = handleRefusedName(this.names, error)
        if (refused !== null) return this.queryWithoutName(statement, refused === 'stale')
      }
      this.closeIfUnfit(error)
      throw error
    })
  }

  private async open(): Promise<this> {
    try {
      await super.connect()
      await pinSettings(this, this.settings)
      return this
    } catch (error) {
      void this.end().catch(() => {})
      throw new ConnectionFailedError(error)
    }
  }

  private async queryWithoutName(statement: object, isLast: boolean): Promise<unknown> {
    try {
      return await this.query(withoutName(statement))
    } finally {
      // The next connection prepares its statements anew.
      if (isLast) void this.end().catch(() => {})
    }
  }

  private async queryAtReadCommitted(statement: unknown, more: unknown[]): Promise<unknown> {
    await this.query(BEGIN_READ_COMMITTED)
    try {
      const result = await this.query(statement, ...more)
      await this.query('COMMIT')
      return result
    } catch (error) {
      await this.query('ROLLBACK').catch(() => this.end())
      throw error
    }
  }

  private closeIfUnfit({ code = '', message }: { code?: string; message?: string }): void {
    // While a query runs, `end` destroys the connection, and the pool does not reuse a client that is ending.
    if (unfitCode.test(code) || message === 'Query read timeout') void this.end().catch(() => {})
  }
}

const isBegin = (statement: unknown) => typeof statement === 'string' && BEGIN.test(statement)

const nameOf = (statement: unknown) =>
  typeof statement === 'object' && statement !== null ? (statement as { name?: string }).name : undefined

function withoutName<Statement>(statement: Statement): Statement {
  return nameOf(statement) === undefined ? statement : { ...statement, name: undefined }
}
