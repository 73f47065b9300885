import { shallowRef } from 'vue'
import { type Router, START_LOCATION } from 'vue-router'
import type { EndReason, Session } from '../../index.ts'

/** Why the session ended that was here before the sign-in page was reloaded; null once one leaves that page. */
export const endedBefore = shallowRef<EndReason | null>(null)

/**
 * Lets the sign-in page say after a reload why the session ended. The reason stays with the page's entry in the history
 * of this tab, and counts for a reload alone: whoever comes back to the entry from elsewhere may be another person.
 */
export function keepEndReason(router: Router, session: Session): void {
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (load?.type === 'reload') endedBefore.value = history.state?.ended ?? null

  const note = (): void => {
    const isOpen = router.currentRoute.value.path === '/sign-in'
    history.replaceState({ ...history.state, ended: isOpen ? (session.endReason ?? endedBefore.value) : null }, '')
  }
  router.afterEach((to, from, failure) => {
    if (failure) return
    const isStillOpen = to.path === '/sign-in' && (from === START_LOCATION || from.path === to.path)
    if (!isStillOpen) endedBefore.value = null
    note()
  })
  // Who signs out before the next page is there never leaves this one.
  session.onSessionEnded(note)
}
