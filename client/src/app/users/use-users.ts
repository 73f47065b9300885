import { useQuery } from '@vue/apollo-composable'
import { refDebounced } from '@vueuse/core'
import { computed, type Ref, ref } from 'vue'
import { UsersDocument } from '../../graphql/generated.ts'
import { isOutage, useErrorInfo } from '../api/error-info.ts'
import { RETRY_MS, usePolling } from '../api/use-polling.ts'

const PAGE_SIZE = 20
/** Waits for the end of a word, but feels immediate. */
const SEARCH_DELAY_MS = 250

/** All users in pages, for admins. The list follows `searchText` once the user stops typing. */
export function useUsers(enabled: Ref<boolean>) {
  const searchText = ref('')
  const debounced = refDebounced(searchText, SEARCH_DELAY_MS)
  const { result, fetchMore, query, ...failed } = useQuery(
    UsersDocument,
    () => ({ first: PAGE_SIZE, after: null, search: debounced.value.trim() || null }),
    () => ({ enabled: enabled.value, fetchPolicy: 'cache-and-network', keepPreviousResult: true }),
  )
  const error = useErrorInfo(failed.error)
  usePolling(
    () => query.value?.refetch(),
    RETRY_MS,
    () => error.value !== null && isOutage(error.value),
  )

  const fetchNext = async (after: string | null) =>
    fetchMore({
      variables: { after },
      updateQuery: (current, { fetchMoreResult: next }) =>
        next ? { users: { ...next.users, edges: [...current.users.edges, ...next.users.edges] } } : current,
    })

  return { searchText, users: computed(() => result.value?.users ?? null), error, fetchNext }
}
