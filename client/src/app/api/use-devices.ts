import { useQuery } from '@vue/apollo-composable'
import { computed, ref } from 'vue'
import { DevicesDocument } from '../../graphql/generated.ts'
import { useSession } from '../../vue/index.ts'
import { useLiveEvents } from './use-live-events.ts'

/**
 * The person's live sessions, asked for again every `pollInterval` milliseconds and, if it is to be `live`, whenever
 * one begins or ends.
 */
export function useDevices({ pollInterval, live = true }: { pollInterval: number; live?: boolean }) {
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

  /** Never rejects: trouble shows in `error`. */
  const again = () => refetch()?.catch(() => undefined)
  if (live) {
    useLiveEvents(({ type }) => {
      if (type === 'SIGNED_IN' || type === 'SESSION_ENDED') void again()
    })
  }

  return {
    devices: computed(() => result.value?.sessions ?? null),
    /** The server's clock when it last answered: the times of devices are by it. */
    serverTime: computed(() => result.value?.serverTime ?? null),
    fetches,
    error,
    loading,
    refetch: again,
  }
}
