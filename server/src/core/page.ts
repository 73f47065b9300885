import { BadUserInputError } from '../errors.ts'

/** A page of a list that is read forwards. @see GraphQL Cursor Connections Specification */
export interface PageRequest {
  /** At most this many items. */
  first: number
  /** The cursor after which to go on; null begins at the start. */
  after: string | null
}

/** A page as it was asked for; missing means from the start, 20 items. */
export interface PageInput {
  first?: number | null | undefined
  after?: string | null | undefined
}

export interface Page<T> {
  items: { cursor: string; node: T }[]
  hasNextPage: boolean
}

const MOST_ITEMS = 100

/** @throws BadUserInputError when `first` is no number from 0 to 100. */
export function readPageRequest(input: PageInput): PageRequest {
  const first = input.first ?? 20
  if (first < 0 || first > MOST_ITEMS) throw new BadUserInputError(`first goes from 0 to ${MOST_ITEMS}.`, 'first')
  return { first, after: input.after ?? null }
}

/** Makes a page of `first` items from one more row than that. */
export function toPage<Row, T>(
  rows: readonly Row[],
  first: number,
  cursor: (row: Row) => string,
  node: (row: Row) => T,
): Page<T> {
  return {
    items: rows.slice(0, first).map((row) => ({ cursor: encodeCursor(cursor(row)), node: node(row) })),
    hasNextPage: rows.length > first,
  }
}

// Opaque, so that nobody builds one by hand and what it holds may change.
const encodeCursor = (key: string) => Buffer.from(key, 'utf8').toString('base64url')

/** @throws BadUserInputError for a cursor that is none of ours. */
export function decodeCursor(cursor: string, form: RegExp): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!form.test(key)) throw new BadUserInputError('This cursor is not valid.', 'after')
  return key
}
