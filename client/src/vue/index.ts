export {
  guardRoutes,
  nextPath,
  type RouteGuard,
  type RouteGuardOptions,
  type RouteLike,
  type RouterLike,
  type SignInLocation,
} from './route-guard.ts'
export { type SessionHandle, type SessionPlugin, silentRefresh, useSession } from './silent-refresh.ts'
