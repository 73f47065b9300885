import { useSubscription } from '@vue/apollo-composable'
import { watch } from 'vue'
import { type EventFragment, SecurityEventDocument } from '../../graphql/generated.ts'
import { useSession } from '../../vue/index.ts'

/** Calls back with each security event of whoever is signed in, as it happens. What was missed is asked for by the api. */
export function useLiveEvents(onEvent: (event: EventFragment) => void): void {
  const { userId } = useSession()
  const { onResult, restart } = useSubscription(SecurityEventDocument, null, () => ({ enabled: userId.value !== null }))
  // A subscription ends with its person's session.
  watch(userId, restart)
  onResult(({ data }) => {
    if (data) onEvent(data.securityEvent)
  })
}
