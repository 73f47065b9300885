import { broadcastChannel } from './browser/broadcast-channel.ts'
import { documentPage } from './browser/document-page.ts'
import { indexedDbStorage } from './browser/indexed-db-storage.ts'
import { systemClock } from './browser/system-clock.ts'
import { webLock } from './browser/web-lock.ts'
import {
  type SessionOptions as CoreSessionOptions,
  createSession as createCoreSession,
  memoryStorage,
  type Session,
  type Storage,
  type Transport,
} from './session/index.ts'
import { serverAddress } from './transport/server-address.ts'

export { broadcastChannel } from './browser/broadcast-channel.ts'
export { documentPage } from './browser/document-page.ts'
export { indexedDbStorage } from './browser/indexed-db-storage.ts'
export type { KeyValueArea } from './browser/layered-storage.ts'
export { systemClock } from './browser/system-clock.ts'
export { webLock } from './browser/web-lock.ts'
export { webStorage } from './browser/web-storage.ts'
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
export interface SessionOptions extends Defaulted<Omit<CoreSessionOptions, 'transport' | 'storage'>> {
  /** The connection to the server: `graphqlTransport`, or your own. */
  readonly transport: CoreSessionOptions['transport']
  /**
   * Where the session is stored and shared between tabs. A function receives the session's name:
   * `(name) => webStorage(localStorage, name)`. @default IndexedDB in browsers, memory elsewhere
   */
  readonly storage?: Storage | ((name: string) => Storage) | undefined
  /**
   * Names the stored record, the lock and the channel. One for each session of an origin.
   * @default `silent-refresh:` and the transport's URL, so that pages of one origin share a session only if they use the
   * same server; `silent-refresh` if the transport does not tell its URL
   */
  readonly name?: string | undefined
}

/** The default name until it contained the server, and still the database of all default sessions of an origin. */
const COMMON_NAME = 'silent-refresh'

/**
 * Creates a session. In a browser all tabs share it (through IndexedDB, Web Locks and BroadcastChannel, each where it
 * exists); elsewhere it lives in memory. Importing the module has no side effects, so it loads on a server, too.
 */
export function createSession(options: SessionOptions): Session {
  const { name: givenName, storage: givenStorage, ...given } = options
  const transport = withUrlCheck(given.transport)
  const { url } = transport
  const name = givenName ?? (url === undefined ? COMMON_NAME : `${COMMON_NAME}:${url}`)
  const storage =
    typeof givenStorage === 'function'
      ? givenStorage(name)
      : (givenStorage ?? (isBrowser() ? indexedDbStorage(name, givenName ?? COMMON_NAME) : memoryStorage()))
  const shared = storage.shared !== false && isBrowser()
  return createCoreSession({
    page: documentPage(),
    lock: shared ? webLock(name) : undefined,
    channel: shared ? broadcastChannel(name) : undefined,
    ...given,
    transport,
    clock: given.clock ?? systemClock,
    storage,
  })
}

/** C17: tokens go to no other server than the one that the transport names, also if it has no check of its own. */
function withUrlCheck(transport: Transport): Transport {
  const { url, credentials, cookieHint } = transport
  if (url === undefined || transport.checkUrl) return transport
  return {
    ...serverAddress(url, [], credentials),
    cookieHint,
    refresh: (request) => transport.refresh(request),
    signOut: async (request) => transport.signOut?.(request),
  }
}

const isBrowser = (): boolean => typeof document !== 'undefined' || 'WorkerGlobalScope' in globalThis
