import { onScopeDispose, ref } from 'vue'
import { replaceApiFetch } from '../api/api-fetch.ts'

/** What the server answers when an access token has expired. */
const EXPIRED = { errors: [{ message: 'Expired', extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' } }] }

/**
 * Faults that the inspector simulates. Everything else on its page is real, including the server. The app's `fetch` is
 * replaced while the component is mounted, so that no other page is affected.
 */
export function useFaultInjector() {
  const expired = new Set<string>()
  /** While true, no request leaves the page. */
  const isDisconnected = ref(false)
  let losesNextRefresh = false

  const restore = replaceApiFetch(async (input, init) => {
    if (isDisconnected.value) throw new TypeError('The inspector has disconnected the network.')
    const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length)
    if (token && expired.has(token)) return Response.json(EXPIRED, { status: 401 })
    const response = await fetch(input, init)
    if (losesNextRefresh && typeof init?.body === 'string' && init.body.includes('mutation SilentRefresh')) {
      losesNextRefresh = false
      throw new TypeError('The inspector has dropped the response.')
    }
    return response
  })
  onScopeDispose(restore)

  return {
    /** From now on the server refuses this access token, as if it had expired. */
    expire: (accessToken: string) => void expired.add(accessToken),
    /** The server handles the next refresh, but its response is lost. */
    loseNextRefresh() {
      losesNextRefresh = true
    },
    isDisconnected,
  }
}
