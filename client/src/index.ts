import { broadcastChannel, documentPage, systemClock, webLock } from './browser/browser-ports.ts'
import { indexedDbStorage } from './browser/indexed-db-storage.ts'
import { webStorage } from './browser/web-storage.ts'
import {
  type SessionOptions as CoreSessionOptions,
  createSession as createCoreSession,
  memoryStorage,
  type Session,
  type Storage,
} from './session/index.ts'

export { indexedDbStorage } from './browser/indexed-db-storage.ts'
export { type KeyValueArea, webStorage } from './browser/web-storage.ts'
export * from './session/index.ts'
export {
  type AuthPayloadLike,
  type GraphqlTransportOptions,
  grantFromAuthPayload,
  graphqlTransport,
  ServerAnswerError,
} from './transport/graphql-transport.ts'

type Defaulted<T> = { readonly [Name in keyof T]?: T[Name] | undefined }

/** The core's options; all but the transport have defaults that fit where the code runs. */
export interface SessionOptions extends Defaulted<Omit<CoreSessionOptions, 'transport'>> {
  /** The way to the server: `graphqlTransport`, or one of your own. */
  readonly transport: CoreSessionOptions['transport']
  /** Names the stored record, the lock and the channel. One for each session of an origin. @default 'silent-refresh' */
  readonly name?: string | undefined
}

/**
 * Makes a session. In a browser it is shared by all tabs (IndexedDB, Web Locks, BroadcastChannel, each left out where
 * it is missing); elsewhere it lives in memory. Nothing is touched before the call, so the module loads on a server.
 */
export function createSession(options: SessionOptions): Session {
  const { name = 'silent-refresh', ...given } = options
  const storage = given.storage ?? defaultStorage(name)
  const shared = storage.shared !== false && isBrowser()
  const session = createCoreSession({
    page: documentPage(),
    lock: shared ? webLock(name) : undefined,
    channel: shared ? broadcastChannel(name) : undefined,
    ...given,
    clock: given.clock ?? systemClock,
    storage,
  })
  // IndexedDB may open late (a cold start): the core goes on without it, as with a visitor, and looks again once it answers.
  const lookAgain = async (): Promise<void> => {
    await storage.read()
    if (session.userId === null) await session.wake()
  }
  lookAgain().catch(() => {})
  return session
}

const isBrowser = (): boolean => typeof document !== 'undefined' || 'WorkerGlobalScope' in globalThis

function defaultStorage(name: string): Storage {
  if (!isBrowser()) return memoryStorage()
  try {
    if (typeof indexedDB !== 'undefined') return indexedDbStorage(name)
    return webStorage(localStorage, name)
  } catch {
    // Storage is forbidden on this page (a sandboxed frame, blocked cookies): the session ends with the page.
    return memoryStorage()
  }
}
