/** The session core: no Vue, no Apollo, no DOM. Everything it needs of the outside world comes through ports. */
export type { CancelSignal } from './async/cancel.ts'
export {
  type EndOrigin,
  type EndReason,
  RefreshFailedError,
  type RefusalReason,
  type SessionEnd,
  SessionEndedError,
} from './errors.ts'
export type { RefreshCause, SessionEvent, TimedSessionEvent } from './events.ts'
export type { SessionOptions } from './options.ts'
export type {
  Awaitable,
  Channel,
  Clock,
  CookieHint,
  Lock,
  Page,
  RefreshRequest,
  SignOutRequest,
  Storage,
  StoredSession,
  TokenGrant,
  Transport,
} from './ports.ts'
export { type AccessTokenRequest, createSession, type Session } from './session.ts'
export type { SessionState } from './state-machine.ts'
export { memoryStorage } from './storage/memory-storage.ts'
