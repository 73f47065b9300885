import {
  type Channel,
  createSession,
  type EndOrigin,
  type EndReason,
  type Lock,
  memoryStorage,
  type Page,
  RefreshFailedError,
  type Session,
  SessionEndedError,
  type SessionOptions,
  type Storage,
  type TimedSessionEvent,
} from '../../src/session/index.ts'
import { AuthServer } from './auth-server.ts'
import { settle, VirtualClock } from './virtual-clock.ts'

/** Web Locks between the tabs of one test: first come, first served. A frozen holder keeps the lock. */
export class SharedLock implements Lock {
  #last: Promise<unknown> = Promise.resolve()
  /** Browsers have one; custom lock ports may have none. */
  spare: SharedLock | undefined

  request(task: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const before = this.#last
    const turn = new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      void before.then(async () => {
        if (!signal.aborted) await task().then(resolve, reject)
      })
    })
    this.#last = Promise.allSettled([before, turn])
    return turn
  }

  /** Takes the lock like a tab that is frozen while it holds it. @returns a function that releases it */
  freeze(): () => void {
    let thaw!: () => void
    this.#last = Promise.all([this.#last, new Promise<void>((resolve) => (thaw = resolve))])
    return thaw
  }
}

/** BroadcastChannel between the tabs of one test. Messages are cloned and arrive asynchronously, as in a browser. */
export class SharedChannel {
  readonly #ears = new Set<(message: unknown) => void>()
  /** Every message sent over the channel. */
  readonly log: unknown[] = []

  /** The number of listeners. */
  get listening(): number {
    return this.#ears.size
  }

  end(): Channel {
    let own: ((message: unknown) => void) | undefined
    return {
      post: (message) => {
        const copy: unknown = structuredClone(message)
        this.log.push(copy)
        for (const ear of [...this.#ears]) if (ear !== own) queueMicrotask(() => this.#ears.has(ear) && ear(copy))
      },
      subscribe: (listener) => {
        own = listener
        this.#ears.add(listener)
        return () => void this.#ears.delete(listener)
      },
    }
  }
}

/** A tab and what a test observes of it. */
export interface Tab {
  readonly session: Session
  readonly ended: EndReason[]
  readonly origins: EndOrigin[]
  readonly events: TimedSessionEvent[]
  readonly page: FakePage
}

/** A document that a test shows and hides. */
export class FakePage implements Page {
  visible = true
  readonly #listeners = new Set<() => void>()

  get listening(): number {
    return this.#listeners.size
  }

  isVisible(): boolean {
    return this.visible
  }

  onWake(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  wake(): void {
    this.visible = true
    for (const listener of this.#listeners) listener()
  }
}

/** A browser with tabs and a server on one virtual clock. */
export class World {
  readonly clock = new VirtualClock()
  readonly server: AuthServer
  readonly lock = new SharedLock()
  readonly channel = new SharedChannel()
  storage: Storage = memoryStorage()
  /** Where the browser gets its tokens: the server, or a cookie jar in front of it. */
  issuer: Pick<AuthServer, 'signIn' | 'transport'>
  readonly tabs: Tab[] = []

  constructor(options?: ConstructorParameters<typeof AuthServer>[1]) {
    this.server = new AuthServer(this.clock, options)
    this.issuer = this.server
  }

  /** Opens a tab. Jitter is fixed in the middle of its range, so that times are exact. */
  async open(options: Partial<SessionOptions> = {}): Promise<Tab> {
    const ended: EndReason[] = []
    const origins: EndOrigin[] = []
    const events: TimedSessionEvent[] = []
    const page = new FakePage()
    const session = createSession({
      transport: this.issuer.transport(),
      storage: this.storage,
      clock: this.clock,
      lock: this.lock,
      channel: this.channel.end(),
      page,
      random: () => 0.5,
      onSessionEnded(reason, origin) {
        ended.push(reason)
        origins.push(origin)
      },
      ...options,
    })
    session.events.subscribe((event) => events.push(event))
    const tab: Tab = { session, ended, origins, events, page }
    this.tabs.push(tab)
    await session.ready
    return tab
  }

  /** Opens a tab in which a user has just signed in. */
  async signedIn(userId = 'ada', options: Partial<SessionOptions> = {}): Promise<Tab> {
    const tab = await this.open(options)
    await tab.session.accept(this.issuer.signIn(userId))
    await settle()
    return tab
  }

  /** Lets the current access tokens expire without a refresh ahead of time. */
  async expire(): Promise<void> {
    await this.clock.advance(this.server.lifetimeSeconds * 1_000)
  }

  dispose(): void {
    for (const { session } of this.tabs) session.dispose()
  }
}

/** Observes a promise without waiting for it. */
export function follow<T>(promise: Promise<T>): { outcome: T | 'pending' | string } {
  const followed: { outcome: T | 'pending' | string } = { outcome: 'pending' }
  promise.then(
    (value) => {
      followed.outcome = value
    },
    (error: unknown) => {
      followed.outcome =
        error instanceof SessionEndedError
          ? `ended: ${error.reason}`
          : error instanceof RefreshFailedError
            ? 'failed for now'
            : String(error)
    },
  )
  return followed
}
