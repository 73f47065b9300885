import type { Page } from '../../core/page.ts'

/** @see GraphQL Cursor Connections Specification */
export function toConnection<T>({ items, hasNextPage }: Page<T>, after: string | null | undefined) {
  return {
    edges: [...items],
    pageInfo: {
      hasNextPage,
      hasPreviousPage: after != null,
      startCursor: items.at(0)?.cursor ?? null,
      endCursor: items.at(-1)?.cursor ?? null,
    },
  }
}
