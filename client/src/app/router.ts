import { nextTick } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw, type Router, START_LOCATION } from 'vue-router'
import { PAGES } from './pages.ts'
import { failedPage, isPageAvailable } from './shell/failed-page.ts'

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

/** The pages of the menu, in order. */
export const MENU = [
  { path: '/', component: PAGES['/'], meta: { title: 'overview.title' } },
  { path: '/devices', component: PAGES['/devices'], meta: { title: 'devices.title' } },
  { path: '/security', component: PAGES['/security'], meta: { title: 'security.title' } },
  { path: '/inspector', component: PAGES['/inspector'], meta: { title: 'inspector.title' } },
  {
    path: '/admin/users',
    component: PAGES['/admin/users'],
    meta: { title: 'users.title', admin: true },
  },
] satisfies RouteRecordRaw[]

/** Creates the router. */
export function createAppRouter(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      ...MENU,
      {
        path: '/sign-in',
        component: PAGES['/sign-in'],
        meta: { title: 'signIn.title', public: true },
      },
      {
        path: '/register',
        component: PAGES['/register'],
        meta: { title: 'register.title', public: true },
      },
      {
        path: '/:path(.*)*',
        component: () => import('./ui/components/DeadEnd.vue'),
        props: { reason: 'notFound' },
        meta: { title: 'notFound.title', public: true },
      },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  // Screen readers continue at the heading of the new page, as after a page load.
  router.afterEach(async (to, from, failure) => {
    if (failure || to.path === from.path || from.matched.length === 0) return
    await nextTick()
    document.querySelector<HTMLElement>('h1')?.focus()
  })
  // Either the network is down, or a newer version of the app has been deployed, which a page load fetches.
  router.onError(async (_error, to, from) => {
    // Not while the server is down: the browser's own error page would replace the app.
    if (from !== START_LOCATION && (await isPageAvailable(to.fullPath))) location.assign(to.fullPath)
    else failedPage.value = to.fullPath
  })
  router.beforeEach(() => {
    failedPage.value = null
  })
  return router
}
