import { useQuery } from '@vue/apollo-composable'
import { computed, ref } from 'vue'
import { SecurityEventsDocument } from '../graphql/generated.ts'
import { useLiveEvents } from './use-live-events.ts'

const PAGE_SIZE = 10

/** The person's security events, newest first, page by page; new ones come by themselves. */
export function useEventLog() {
  const { result, error, loading, fetchMore, refetch, query } = useQuery(
    SecurityEventsDocument,
    { first: PAGE_SIZE, after: null },
    { fetchPolicy: 'cache-and-network', notifyOnNetworkStatusChange: true },
  )
  const isGrowing = ref(false)
  const log = computed(() => result.value?.securityEvents ?? null)

  useLiveEvents((event) =>
    query.value?.updateQuery(({ securityEvents: before }) =>
      // Before the first page is there it is on its way, with this event in it.
      before ? { securityEvents: { ...before, edges: [{ node: event }, ...before.edges] } } : undefined,
    ),
  )

  /** Adds the next page below. */
  async function more(): Promise<void> {
    isGrowing.value = true
    const after = log.value?.pageInfo.endCursor ?? null
    await fetchMore({ variables: { first: PAGE_SIZE, after } })?.catch(() => undefined)
    isGrowing.value = false
  }

  return {
    events: computed(() => log.value?.edges.map(({ node }) => node) ?? null),
    hasMore: computed(() => log.value?.pageInfo.hasNextPage ?? false),
    error,
    loading,
    isGrowing,
    more,
    /** From the newest again. Never rejects: trouble shows in `error`. */
    refetch: () => refetch()?.catch(() => undefined),
  }
}
