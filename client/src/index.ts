import { broadcastChannel } from './browser/broadcast-channel.ts'
import { documentPage } from './browser/document-page.ts'
import { indexedDbStorage } from './browser/indexed-db-storage.ts'
import { systemClock } from './browser/system-clock.ts'
import { webLock } from './browser/web-lock.ts'
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

/** The core's options. All but the transport have defaults that suit the environment. */
export interface SessionOptions extends Defaulted<Omit<CoreSessionOptions, 'transport'>> {
  /** The connection to the server: `graphqlTransport`, or your own. */
  readonly transport: CoreSessionOptions['transport']
  /** Names the stored record, the lock and the channel. One for each session of an origin. @default 'silent-refresh' */
  readonly name?: string | undefined
}

/**
 * Creates a session. In a browser all tabs share it (through IndexedDB, Web Locks and BroadcastChannel, each where it
 * exists); elsewhere it lives in memory. Importing the module has no side effects, so it loads on a server, too.
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
  // On a cold start IndexedDB may open late. The core treats the user as signed out until then, and reads again here.
  const readAgain = async (): Promise<void> => {
    await storage.read()
    if (session.userId === null) await session.wake()
  }
  readAgain().catch(() => {})
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
