import { useQuery } from '@vue/apollo-composable'
import { computed, type Ref, ref, watch } from 'vue'
import { UsersDocument } from '../../graphql/generated.ts'
import { useRetry } from '../api/use-retry.ts'
import { useSubmit } from '../ui/use-submit.ts'

const PAGE_SIZE = 20
/** Long enough that a word is typed, short enough to feel at once. */
const TYPING_PAUSE_MS = 250

/** All people, page by page, for admins. `search` is what is typed; the list follows after a pause. */
export function useUsers(enabled: Ref<boolean>) {
  const search = ref('')
  const wanted = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(search, (typed) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      wanted.value = typed.trim()
    }, TYPING_PAUSE_MS)
  })

  const { result, error, fetchMore, query } = useQuery(
    UsersDocument,
    () => ({ first: PAGE_SIZE, after: null, search: wanted.value || null }),
    () => ({ enabled: enabled.value, fetchPolicy: 'cache-and-network', keepPreviousResult: true }),
  )
  useRetry(error, () => query.value?.refetch())
  const page = computed(() => result.value?.users ?? null)

  /** Adds the next page below. */
  const growth = useSubmit(async () => {
    await fetchMore({
      variables: { after: page.value?.pageInfo.endCursor ?? null },
      updateQuery: (before, { fetchMoreResult: next }) =>
        next ? { users: { ...next.users, edges: [...before.users.edges, ...next.users.edges] } } : before,
    })
  })

  return {
    search,
    users: computed(() => page.value?.edges.map(({ node }) => node) ?? null),
    hasMore: computed(() => page.value?.pageInfo.hasNextPage ?? false),
    error,
    growth,
  }
}
