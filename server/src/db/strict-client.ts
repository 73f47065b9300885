import pg from 'pg'

/**
 * A connection that closes when it did not answer in time (`query_timeout`). The driver gives up the query alone: the pool
 * would hand on a connection on which it still runs, or a transaction is still open, and what others then wrote would never
 * be committed. A connection to a machine that is gone would also be tried again and again until TCP gives it up.
 */
export class StrictClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: all the ways in which a query can be given
  override query(...args: any[]): any {
    const result: unknown = super.query(...(args as [string]))
    if (result instanceof Promise) {
      result.catch((error: Error) => {
        // With a query under way `end` cuts the connection; and the pool takes none back that is ending.
        if (error.message === 'Query read timeout') void this.end().catch(() => {})
      })
    }
    return result
  }
}
