import type { Session } from '../session/index.ts'

/** The part of a vue-router location that the guard looks at. */
export interface RouteLike {
  readonly path: string
  readonly fullPath: string
  /** Empty before the first page is there. */
  readonly matched: readonly unknown[]
  readonly meta: Readonly<Record<PropertyKey, unknown>>
}

/** Where the guard sends people. */
export interface SignInLocation {
  path: string
  query: { next: string }
}

/** What vue-router asks before it goes to a page. */
export type RouteGuard = (to: RouteLike) => Promise<SignInLocation | true>

/** The part of vue-router that the guard uses. */
export interface RouterLike {
  readonly currentRoute: { readonly value: RouteLike }
  /** As vue-router's. */
  beforeEach(guard: RouteGuard): () => void
  /** As vue-router's. */
  beforeResolve(guard: RouteGuard): () => void
  /** As vue-router's. */
  push(to: SignInLocation): Promise<unknown>
}

/** Which pages are guarded, and where one signs in. */
export interface RouteGuardOptions {
  /** Path of the sign-in page. @default '/sign-in' */
  readonly signInPath?: string | undefined
  /** Which pages need a signed-in person. @default all whose `meta.public` is not true */
  readonly isProtected?: ((to: RouteLike) => boolean) | undefined
}

/**
 * Sends visitors of a protected page to `/sign-in?next=…`: when they come to it, and when the session ends while they
 * are on it. After a sign-in, go to `nextPath(route.query.next)`.
 * @returns how to stop.
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
    // Once more when the page has been loaded: the session may have ended meanwhile.
    router.beforeResolve(guard),
    session.onSessionEnded(() => {
      const here = router.currentRoute.value
      if (here.matched.length > 0 && needsSignIn(here)) router.push(signIn(here)).catch(() => {})
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** The page to go to after signing in: only ever a path of this app, whatever stands in the address bar. */
export function nextPath(next: unknown, otherwise = '/'): string {
  // Browsers drop tabs and line ends from addresses: `/\t/evil.example` would leave the site.
  return typeof next === 'string' && /^\/(?![/\\])[^\t\n\r]*$/.test(next) ? next : otherwise
}
