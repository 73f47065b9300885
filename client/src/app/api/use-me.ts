import { useQuery } from '@vue/apollo-composable'
import { computed } from 'vue'
import { MeDocument } from '../../graphql/generated.ts'
import { useSession } from '../../vue/index.ts'
import { isOutage, useErrorInfo } from './error-info.ts'
import { RETRY_MS, usePolling } from './use-polling.ts'

/** The signed-in user. All components share one request, and none is sent while the user is signed out. */
export function useMe() {
  const { isSignedIn } = useSession()
  const { result, error: queryError, query } = useQuery(MeDocument, {}, () => ({ enabled: isSignedIn.value }))
  const error = useErrorInfo(queryError)
  usePolling(
    () => query.value?.refetch(),
    RETRY_MS,
    () => error.value !== null && isOutage(error.value),
  )
  const me = computed(() => (isSignedIn.value ? (result.value?.me ?? null) : null))
  return { me, error, isAdmin: computed(() => me.value?.role === 'ADMIN') }
}
