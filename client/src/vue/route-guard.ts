import { listenWhileAlive } from '../session/async/listen-while-alive.ts'
import type { Session } from '../session/index.ts'

/** The part of a vue-router location that the guard reads. */
export interface RouteLike {
  readonly path: string
  readonly fullPath: string
  /** Empty before the first navigation. */
  readonly matched: readonly unknown[]
  readonly meta: Readonly<Record<PropertyKey, unknown>>
}

/** Where the guard redirects to. */
export interface SignInLocation {
  path: string
  query: { next: string }
}

/** A vue-router navigation guard. */
export type RouteGuard = (to: RouteLike) => Promise<SignInLocation | true>

/** The part of vue-router that the guard uses. */
export interface RouterLike {
  readonly currentRoute: { readonly value: RouteLike }
  /** Like vue-router's. */
  beforeEach(guard: RouteGuard): () => void
  /** Like vue-router's. */
  beforeResolve(guard: RouteGuard): () => void
  /** Like vue-router's. */
  push(to: SignInLocation): Promise<unknown>
}

/** Which pages are protected, and where the sign-in page is. */
export interface RouteGuardOptions {
  /** Path of the sign-in page. @default '/sign-in' */
  readonly signInPath?: string | undefined
  /** Which pages need a signed-in user. @default all pages without `meta.public: true` */
  readonly isProtected?: ((to: RouteLike) => boolean) | undefined
}

/**
 * Redirects from protected pages to `/sign-in?next=…`, both on navigation without a session and when the session ends on
 * such a page. After a sign-in, go to `nextPath(route.query.next)`.
 * @returns a function that stops the guard.
 */
export function guardRoutes(router: RouterLike, session: Session, options: RouteGuardOptions = {}): () => void {
  const { signInPath = '/sign-in', isProtected = (to) => to.meta.public !== true } = options
  const signIn = (to: RouteLike): SignInLocation => ({ path: signInPath, query: { next: to.fullPath } })
  const needsSignIn = (to: RouteLike): boolean =>
    to.path !== signInPath && isProtected(to) && session.state === 'signedOut'

  const guard: RouteGuard = async (to) => {
    await session.ready
    return needsSignIn(to) ? signIn(to) : true
  }

  const stops = [
    router.beforeEach(guard),
    // Again when the page has loaded, because the session may have ended in the meantime.
    router.beforeResolve(guard),
    listenWhileAlive(router, session.onSessionEnded, () => {
      const here = router.currentRoute.value
      if (here.matched.length > 0 && needsSignIn(here)) router.push(signIn(here)).catch(() => {})
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** The page to go to after signing in: always a path of this app, whatever the address bar contains. */
export function nextPath(next: unknown, otherwise = '/'): string {
  // Browsers remove tabs and line breaks from URLs: `/\t/evil.example` would leave the site.
  return typeof next === 'string' && /^\/(?![/\\])[^\t\n\r]*$/.test(next) ? next : otherwise
}
