import pg from 'pg'

/**
 * A Postgres client that never ends the process, and that closes its connection when a query times out (`query_timeout`). By
 * itself the driver only stops waiting for the query. The pool would then hand out a connection on which that query still
 * runs or a transaction is still open, and later writes on it might never be committed. A connection to a machine that is
 * gone would be used again and again until TCP gives up.
 * @see PROTOCOL.md S24
 */
export class StrictClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // The pool listens while the connection is idle, TypeORM while it is used, and nobody when it passes from one to the other.
    // An error at that moment would end the process. Both notice the lost connection without the event.
    this.on('error', () => {})
  }

  // biome-ignore lint/suspicious/noExplicitAny: `query` has many overloads
  override query(...args: any[]): any {
    const result: unknown = super.query(...(args as [string]))
    if (result instanceof Promise) {
      result.catch((error: Error) => {
        // While a query runs, `end` destroys the connection, and the pool does not reuse a client that is ending.
        if (error.message === 'Query read timeout') void this.end().catch(() => {})
      })
    }
    return result
  }
}
