import { nextTick, ref } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw, type Router, START_LOCATION } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** The key of the page's title. */
    title: string
    /** True for pages that need no session. */
    public?: boolean
    /** True for pages that the menu shows to admins only. */
    admin?: boolean
  }
}

/** The pages of the menu, in its order. */
export const MENU = [
  { path: '/', component: () => import('./overview/OverviewView.vue'), meta: { title: 'overview.title' } },
  { path: '/devices', component: () => import('./devices/DevicesView.vue'), meta: { title: 'devices.title' } },
  { path: '/security', component: () => import('./security/SecurityView.vue'), meta: { title: 'security.title' } },
  { path: '/inspector', component: () => import('./inspector/InspectorView.vue'), meta: { title: 'inspector.title' } },
  {
    path: '/admin/users',
    component: () => import('./users/UsersView.vue'),
    meta: { title: 'users.title', admin: true },
  },
] satisfies RouteRecordRaw[]

/** The address of a page whose code could not be fetched; null when all is well. */
export const failedPage = ref<string | null>(null)

/** All pages, each fetched when it is opened: a visitor's first load has no device list, a person's has no form. */
export function createAppRouter(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      ...MENU,
      {
        path: '/sign-in',
        component: () => import('./sign-in/SignInView.vue'),
        meta: { title: 'signIn.title', public: true },
      },
      {
        path: '/register',
        component: () => import('./sign-in/RegisterView.vue'),
        meta: { title: 'register.title', public: true },
      },
      {
        path: '/:path(.*)*',
        component: () => import('./shell/NotFoundView.vue'),
        meta: { title: 'notFound.title', public: true },
      },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  // A screen reader starts at the new page's heading, as it would after a page load.
  router.afterEach(async (to, from, failure) => {
    if (failure || to.path === from.path || from.matched.length === 0) return
    await nextTick()
    document.querySelector<HTMLElement>('h1')?.focus()
  })
  // Its code is out of reach for now, or a newer version of the app has other files: that a page load puts right.
  router.onError(async (_error, to, from) => {
    // Not while the server is away: the browser's own error page would take the app's place.
    if (from !== START_LOCATION && (await canBeLoaded(to.fullPath))) location.assign(to.fullPath)
    else failedPage.value = to.fullPath
  })
  router.beforeEach(() => {
    failedPage.value = null
  })
  return router
}

/** Whether the server gives the page at `path` just now. */
export const canBeLoaded = (path: string): Promise<boolean> =>
  fetch(path, { headers: { accept: 'text/html' }, cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )
