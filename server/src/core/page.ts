import { BadUserInputError } from '../errors.ts'

/** One page of a list that is read forwards. @see GraphQL Cursor Connections Specification */
export interface PageRequest {
  /** The maximum number of items. */
  readonly first: number
  /** The cursor to continue after; null starts at the beginning. */
  readonly after: string | null
}

/** A page as a client asks for it; by default the first 20 items. */
export interface PageInput {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
}

export interface Page<T> {
  readonly items: readonly { readonly cursor: string; readonly node: T }[]
  readonly hasNextPage: boolean
}

const DEFAULT_ITEMS = 20
/** The largest page. */
export const MAX_ITEMS = 100

/** @throws BadUserInputError when `first` is not a number from 0 to 100. */
export function readPageRequest({ first, after }: PageInput): PageRequest {
  const count = first ?? DEFAULT_ITEMS
  if (count < 0 || count > MAX_ITEMS)
    throw new BadUserInputError(`first must be a number from 0 to ${MAX_ITEMS}.`, 'first')
  return { first: count, after: after ?? null }
}

/** Builds a page of `first` items from up to one row more, which shows whether there is a next page. */
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

// Cursors are opaque, so that clients do not build their own and the content may change.
const encodeCursor = (key: string) => Buffer.from(key, 'utf8').toString('base64url')

/** @throws BadUserInputError for a cursor that we did not create. */
export function decodeCursor(cursor: string, form: RegExp): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!form.test(key)) throw new BadUserInputError('This cursor is not valid.', 'after')
  return key
}
