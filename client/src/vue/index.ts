export { type SessionHandle, type SessionPlugin, silentRefresh, useSession } from './plugin.ts'
export {
  guardRoutes,
  nextPath,
  type RouteGuard,
  type RouteGuardOptions,
  type RouteLike,
  type RouterLike,
  type SignInLocation,
} from './route-guard.ts'
