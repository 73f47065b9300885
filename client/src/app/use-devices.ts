import { useQuery } from '@vue/apollo-composable'
import { computed, ref } from 'vue'
import { DevicesDocument } from '../graphql/generated.ts'
import { useSession } from '../vue/index.ts'

/** The person's live sessions, asked for again every `pollInterval` milliseconds (0: only when told). */
export function useDevices({ pollInterval = 0 } = {}) {
  const { isSignedIn } = useSession()
  const { result, error, loading, refetch, onResult } = useQuery(DevicesDocument, {}, () => ({
    enabled: isSignedIn.value,
    pollInterval,
    fetchPolicy: 'cache-and-network',
    notifyOnNetworkStatusChange: false,
  }))
  const fetches = ref(0)
  onResult(({ data, loading: isPartial }) => {
    if (data && !isPartial) fetches.value++
  })

  return {
    devices: computed(() => result.value?.sessions ?? null),
    /** The server's clock when it last answered: the times of devices are by it. */
    serverTime: computed(() => result.value?.serverTime ?? null),
    fetches,
    error,
    loading,
    /** Never rejects: trouble shows in `error`. */
    refetch: () => refetch()?.catch(() => undefined),
  }
}
