import { useSubscription } from '@vue/apollo-composable'
import { useDocumentVisibility } from '@vueuse/core'
import { watch } from 'vue'
import { type EventFragment, SecurityEventDocument } from '../../graphql/generated.ts'
import { useSession } from '../../vue/index.ts'

/**
 * Calls back with each security event of the signed-in user. A hidden page needs none, and its socket would refresh the
 * access token indefinitely. When it is shown again, the API client catches up on the events that were missed.
 */
export function useLiveEvents(onEvent: (event: EventFragment) => void): void {
  const { userId } = useSession()
  const visibility = useDocumentVisibility()
  const isEnabled = () => userId.value !== null && visibility.value === 'visible'
  const { onResult, restart } = useSubscription(SecurityEventDocument, null, () => ({ enabled: isEnabled() }))
  // A subscription ends with the session it was opened in.
  watch(userId, restart)
  onResult(({ data }) => {
    if (data) onEvent(data.securityEvent)
  })
}
