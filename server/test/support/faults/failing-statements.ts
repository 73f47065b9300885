import { StrictClient } from '../../../src/db/connections/strict-client.ts'
import { isBackground } from '../background-statements.ts'

/** Fails on the server like a statement that runs into its timeout. */
const FAILURE = `DO $$ BEGIN RAISE query_canceled USING MESSAGE = 'failed by a test'; END $$`

const isFeed = (client: object) =>
  'connectionParameters' in client &&
  (client.connectionParameters as { application_name?: string }).application_name === 'silent-refresh feed'

/**
 * Runs `work` while Postgres fails one of its statements, including those that begin and commit a transaction.
 * @param nth which statement fails, from 0
 * @returns what `work` returned, and whether there were enough statements for one to fail.
 */
export async function withFailingStatement<T>(
  nth: number,
  work: () => Promise<T>,
): Promise<{ result: T; failed: boolean }> {
  const { query } = StrictClient.prototype
  let count = 0
  StrictClient.prototype.query = function (this: StrictClient, ...args: unknown[]) {
    const [asked] = args as [string | { readonly text: string }]
    const statement = typeof asked === 'string' ? asked : asked.text
    const isOfRequest = typeof statement === 'string' && !isFeed(this) && !isBackground(statement)
    const isThis = isOfRequest && count++ === nth
    return query.apply(this, isThis ? [FAILURE] : args)
  }
  try {
    const result = await work()
    return { result, failed: count > nth }
  } finally {
    StrictClient.prototype.query = query
  }
}
