import { useQuery } from '@vue/apollo-composable'
import { computed } from 'vue'
import { SecurityEventsDocument } from '../../graphql/generated.ts'
import { useLiveEvents } from '../api/use-live-events.ts'
import { useSubmit } from '../ui/use-submit.ts'

const PAGE_SIZE = 10

/** The person's security events, newest first, page by page; new ones come by themselves. */
export function useSecurityLog() {
  const { result, error, fetchMore, query } = useQuery(
    SecurityEventsDocument,
    { first: PAGE_SIZE, after: null },
    { fetchPolicy: 'cache-and-network' },
  )
  const log = computed(() => result.value?.securityEvents ?? null)

  useLiveEvents((event) =>
    query.value?.updateQuery(({ securityEvents: before }) =>
      // Before the first page is there it is on its way, with this event in it.
      before ? { securityEvents: { ...before, edges: [{ node: event }, ...before.edges] } } : undefined,
    ),
  )

  /** Adds the next page below. */
  const growth = useSubmit(async () => {
    const after = log.value?.pageInfo.endCursor ?? null
    await fetchMore({ variables: { first: PAGE_SIZE, after } })
  })

  return {
    events: computed(() => log.value?.edges.map(({ node }) => node) ?? null),
    hasMore: computed(() => log.value?.pageInfo.hasNextPage ?? false),
    error,
    growth,
  }
}
