import { useQuery } from '@vue/apollo-composable'
import { computed, ref } from 'vue'
import { SecurityEventsDocument } from '../graphql/generated.ts'

const PAGE_SIZE = 10

/** The person's security events, newest first, page by page. */
export function useEventLog() {
  const { result, error, loading, fetchMore, refetch } = useQuery(
    SecurityEventsDocument,
    { first: PAGE_SIZE, after: null },
    { fetchPolicy: 'cache-and-network', notifyOnNetworkStatusChange: true },
  )
  const isGrowing = ref(false)
  const log = computed(() => result.value?.securityEvents ?? null)

  /** Adds the next page below. */
  async function more(): Promise<void> {
    isGrowing.value = true
    await fetchMore({
      variables: { first: PAGE_SIZE, after: log.value?.pageInfo.endCursor ?? null },
      updateQuery: (before, { fetchMoreResult: next }) =>
        next
          ? {
              securityEvents: {
                ...next.securityEvents,
                edges: [...before.securityEvents.edges, ...next.securityEvents.edges],
              },
            }
          : before,
    })?.catch(() => undefined)
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
