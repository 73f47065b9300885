import { useSubscription } from '@vue/apollo-composable'
import { watch } from 'vue'
import { type EventFragment, SecurityEventDocument } from '../../graphql/generated.ts'
import { useSession } from '../../vue/index.ts'

/** Calls back with each security event of the signed-in user. The API client catches up on events that were missed. */
export function useLiveEvents(onEvent: (event: EventFragment) => void): void {
  const { userId } = useSession()
  const { onResult, restart } = useSubscription(SecurityEventDocument, null, () => ({ enabled: userId.value !== null }))
  // A subscription ends with the session it was opened in.
  watch(userId, restart)
  onResult(({ data }) => {
    if (data) onEvent(data.securityEvent)
  })
}
