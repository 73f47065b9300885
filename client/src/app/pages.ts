/** The pages by path. Each is loaded when it is opened, so that a first load contains only what it shows. */
export const PAGES = {
  '/': () => import('./overview/OverviewView.vue'),
  '/devices': () => import('./devices/DevicesView.vue'),
  '/security': () => import('./security/SecurityView.vue'),
  '/inspector': () => import('./inspector/InspectorView.vue'),
  '/admin/users': () => import('./users/UsersView.vue'),
  '/sign-in': () => import('./sign-in/SignInView.vue'),
  '/register': () => import('./sign-in/RegisterView.vue'),
} as const

/** Begins to load the page that a visit at `path` will show. The router reports a failure. */
export function preloadPage(path: string, isSignedIn: boolean): void {
  const isPublic = path === '/sign-in' || path === '/register'
  const load = Object.entries(PAGES).find(([one]) => one === (isSignedIn || isPublic ? path : '/sign-in'))?.[1]
  load?.().catch(() => {})
}
