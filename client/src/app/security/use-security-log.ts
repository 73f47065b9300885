import { useQuery } from '@vue/apollo-composable'
import { computed } from 'vue'
import { SecurityEventsDocument } from '../../graphql/generated.ts'
import { useErrorInfo } from '../api/error-info.ts'
import { useLiveEvents } from '../api/use-live-events.ts'

const PAGE_SIZE = 10

/** The user's security events in pages, newest first. New events are added as they happen. */
export function useSecurityLog() {
  const { result, error, fetchMore, query } = useQuery(
    SecurityEventsDocument,
    { first: PAGE_SIZE, after: null },
    { fetchPolicy: 'cache-and-network' },
  )

  useLiveEvents((event) =>
    query.value?.updateQuery(({ securityEvents: current }) =>
      // While the first page is loading, its response will contain this event.
      current ? { securityEvents: { ...current, edges: [{ node: event }, ...current.edges] } } : undefined,
    ),
  )

  return {
    log: computed(() => result.value?.securityEvents ?? null),
    error: useErrorInfo(error),
    fetchNext: async (after: string | null) => fetchMore({ variables: { first: PAGE_SIZE, after } }),
  }
}
