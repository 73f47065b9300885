/** The session core: no Vue, no Apollo, no DOM. Everything it needs of the world comes through ports. */
export type { CancelSignal } from './cancel.ts'
export { type EndReason, RefreshFailedError, type RefusalReason, SessionEndedError } from './errors.ts'
export type { RefreshCause, SessionEvent, TimedSessionEvent } from './events.ts'
export type { SessionState } from './machine.ts'
export { memoryStorage } from './memory-storage.ts'
export type {
  Awaitable,
  Channel,
  Clock,
  Lock,
  Page,
  RefreshRequest,
  SignOutRequest,
  Storage,
  StoredSession,
  TokenGrant,
  Transport,
} from './ports.ts'
export { type AccessTokenRequest, createSession, type Session, type SessionOptions } from './session.ts'
