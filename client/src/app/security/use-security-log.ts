import { useQuery } from '@vue/apollo-composable'
import { computed } from 'vue'
import { SecurityEventsDocument } from '../../graphql/generated.ts'
import { useErrorInfo } from '../api/error-info.ts'
import { useLiveEvents } from '../api/use-live-events.ts'
import { useSubmit } from '../ui/use-submit.ts'

const PAGE_SIZE = 10

/** The user's security events in pages, newest first. New events are added as they happen. */
export function useSecurityLog() {
  const { result, error, fetchMore, query } = useQuery(
    SecurityEventsDocument,
    { first: PAGE_SIZE, after: null },
    { fetchPolicy: 'cache-and-network' },
  )
  const log = computed(() => result.value?.securityEvents ?? null)

  useLiveEvents((event) =>
    query.value?.updateQuery(({ securityEvents: current }) =>
      // While the first page is loading, its response will contain this event.
      current ? { securityEvents: { ...current, edges: [{ node: event }, ...current.edges] } } : undefined,
    ),
  )

  const nextPage = useSubmit(async () => {
    const after = log.value?.pageInfo.endCursor ?? null
    await fetchMore({ variables: { first: PAGE_SIZE, after } })
  })

  return {
    events: computed(() => log.value?.edges.map(({ node }) => node) ?? null),
    hasMore: computed(() => log.value?.pageInfo.hasNextPage ?? false),
    error: useErrorInfo(error),
    nextPage,
  }
}
