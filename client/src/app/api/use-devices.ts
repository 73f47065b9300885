import { useQuery } from '@vue/apollo-composable'
import { computed, ref } from 'vue'
import { DevicesDocument } from '../../graphql/generated.ts'
import { useSession } from '../../vue/index.ts'
import { useErrorInfo } from './error-info.ts'
import { useLiveEvents } from './use-live-events.ts'
import { usePolling } from './use-polling.ts'

/**
 * The devices on which the user is signed in. The list is reloaded every `pollMs` milliseconds while the page is visible
 * and, when `live` is true, whenever a session begins or ends.
 */
export function useDevices({ pollMs, live = true }: { pollMs: number; live?: boolean }) {
  const { isSignedIn } = useSession()
  const { result, error, loading, query, refetch, onResult } = useQuery(DevicesDocument, {}, () => ({
    enabled: isSignedIn.value,
    fetchPolicy: 'cache-and-network',
    notifyOnNetworkStatusChange: false,
  }))
  const fetchCount = ref(0)
  onResult(({ data, loading: isPartial }) => {
    if (data && !isPartial) fetchCount.value++
  })

  usePolling(
    () => query.value?.refetch(), // the composable's own would hide the error and show that it loads
    pollMs,
    () => isSignedIn.value,
  )
  /** Never rejects: a failure is in `error`. */
  const reload = () => refetch()?.catch(() => undefined)
  if (live) {
    useLiveEvents(({ type }) => {
      if (type === 'SIGNED_IN' || type === 'SESSION_ENDED') void reload()
    })
  }

  return {
    devices: computed(() => result.value?.sessions ?? null),
    /** The server's clock at its last response. The device's own clock may be wrong. */
    serverTime: computed(() => result.value?.serverTime ?? null),
    fetchCount,
    error: useErrorInfo(error),
    loading,
    reload,
  }
}
