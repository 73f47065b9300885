import { shallowRef } from 'vue'
import { type Router, START_LOCATION } from 'vue-router'
import type { EndReason, Session } from '../../index.ts'

/** Why the session ended before the sign-in page was reloaded; null after the user has left that page. */
export const storedSignOutReason = shallowRef<EndReason | null>(null)

/**
 * Lets the sign-in page still show after a reload why the session ended. The reason is stored in the history entry of the
 * page and is read on a reload only, because a different user may return to the entry from another page.
 */
export function storeSignOutReason(router: Router, session: Session): void {
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (load?.type === 'reload') storedSignOutReason.value = history.state?.ended ?? null

  const store = (): void => {
    const isOpen = router.currentRoute.value.path === '/sign-in'
    const ended = isOpen ? (session.endReason ?? storedSignOutReason.value) : null
    history.replaceState({ ...history.state, ended }, '')
  }
  router.afterEach((to, from, failure) => {
    if (failure) return
    const isStillOpen = to.path === '/sign-in' && (from === START_LOCATION || from.path === to.path)
    if (!isStillOpen) storedSignOutReason.value = null
    store()
  })
  // A user who signs out before the next page has loaded never leaves the sign-in page.
  session.onSessionEnded(store)
}
