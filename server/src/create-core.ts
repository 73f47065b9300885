import type { DataSource } from 'typeorm'
import type { Config } from './config.ts'
import { createAccountService } from './core/accounts/account-service.ts'
import { createAdminService } from './core/accounts/admin-service.ts'
import { createKnownUsers } from './core/accounts/known-users.ts'
import { createDatabaseClock, type DatabaseClock } from './core/clock.ts'
import { createDemoService } from './core/demo/demo-service.ts'
import { createEventHub, type EventHub } from './core/events/event-hub.ts'
import { createAttemptLimiter } from './core/limits/attempt-limiter.ts'
import { createDeviceTokens } from './core/limits/device-token.ts'
import type { AccessClaims } from './core/model.ts'
import type { SessionObserver } from './core/observer.ts'
import { createPasswordHasher } from './core/password/password-hasher.ts'
import { createPasswordService } from './core/password/password-service.ts'
import { createAccessCheck } from './core/revocation/access-check.ts'
import { createRevocationList, type RevocationList } from './core/revocation/revocation-list.ts'
import type { Services } from './core/services.ts'
import { createDeviceService } from './core/sessions/device-service.ts'
import { createLastSeen, type LastSeen } from './core/sessions/last-seen.ts'
import { createSessionService } from './core/sessions/session-service.ts'
import { createAccessTokens } from './core/tokens/access-token.ts'
import { createKeyring, type NamedSecret } from './core/tokens/keyring.ts'
import { createRefreshTokens } from './core/tokens/refresh-token.ts'
import { createAttemptStore } from './db/attempt-store.ts'
import { createReadiness } from './db/connections/readiness.ts'
import { createRevocationFeed, type RevocationFeed } from './db/feed/revocation-feed.ts'
import { databaseTimeMs, notify } from './db/feed/through-pool.ts'
import { createSecurityEventStore } from './db/security-event-store.ts'
import { createSessionStore } from './db/session-store.ts'
import { createUserStore } from './db/user-store.ts'
import { demoUsers } from './demo-users.ts'
import { type BcryptPool, createBcryptPool } from './workers/bcrypt-pool.ts'

export interface CoreOptions {
  readonly config: Config
  /** Connected and migrated; the caller closes it. */
  readonly dataSource: DataSource
  /** The URL for LISTEN: a direct connection to the same database. */
  readonly listenUrl: string
  readonly accessTokenSecrets: readonly NamedSecret[]
  readonly refreshTokenSecrets: readonly NamedSecret[]
  /** @default the database's time, whatever this machine's clock says */
  readonly clock?: DatabaseClock
}

/** The use cases, and the parts behind them that run in the background or are measured. */
export interface Core {
  readonly services: Services
  readonly clock: DatabaseClock
  readonly revocations: RevocationList
  readonly feed: RevocationFeed
  readonly eventHub: EventHub
  readonly lastSeen: LastSeen
  readonly bcrypt: BcryptPool
  /** True when the database can do what requests need and the revocation feed is current. */
  isReady(): Promise<boolean>
}

/**
 * Creates the use cases on their stores. The feed starts with `createBackground`.
 * @param onError called with errors of work that no answer waits for.
 */
export async function createCore(
  options: CoreOptions,
  observer: SessionObserver,
  onError: (error: unknown) => void,
): Promise<Core> {
  const { config, dataSource, clock = createDatabaseClock() } = options
  const users = createUserStore(dataSource)
  const sessionStore = createSessionStore(dataSource)
  const events = createSecurityEventStore(dataSource)

  const askedMs = clock.monotonicMs()
  clock.synchronise(await databaseTimeMs(dataSource), askedMs)

  const revocations = createRevocationList(clock, config.accessTokenTtlSeconds * 1000)
  const knownUsers = createKnownUsers(users.findById, () => feed.state() === 'current', clock.monotonicMs)
  const feed: RevocationFeed = createRevocationFeed({
    url: options.listenUrl,
    list: revocations,
    knownUsers,
    clock,
    notify: (message) => notify(dataSource, message),
    timeoutMs: config.revocationFeedTimeoutMs,
  })
  const canServe = createReadiness(dataSource, feed.server)
  const checkAccess = createAccessCheck(revocations, feed.state, sessionStore.refusalOf)
  const holds = async (claims: AccessClaims) => (await checkAccess(claims)) === null
  const eventHub = createEventHub({ find: events.find, holds, onError })
  const lastSeen = createLastSeen(clock, sessionStore.touch)

  const bcrypt = createBcryptPool(onError, { onShed: observer.passwordShed })
  const highestStored = await users.highestPasswordCost()
  const hasher = createPasswordHasher(bcrypt, { cost: config.passwordCost, highestStored })
  const attempts = createAttemptLimiter(
    createAttemptStore(dataSource),
    { perAccount: config.maxLoginsPerMinutePerAccount, perAddress: config.maxLoginsPerMinutePerAddress },
    observer.attemptLimited,
  )

  const kind = { issuer: config.tokenIssuer, audience: config.tokenAudience, clock }
  const accessKind = { ...kind, keys: createKeyring(options.accessTokenSecrets) }
  const refreshKind = { ...kind, keys: createKeyring(options.refreshTokenSecrets) }
  const deviceTokens = createDeviceTokens(refreshKind)
  const sessions = createSessionService({
    sessions: sessionStore,
    accessTokens: createAccessTokens(accessKind, config.accessTokenTtlSeconds),
    refreshTokens: createRefreshTokens(refreshKind),
    policy: config,
    ...{ revocations, checkAccess, lastSeen, observer },
  })
  return {
    services: {
      sessions,
      passwords: createPasswordService({
        ...{ users, events, sessions, hasher, attempts, deviceTokens, revocations, observer, onError },
      }),
      devices: createDeviceService(sessionStore, revocations),
      accounts: createAccountService(knownUsers, events, eventHub),
      admin: createAdminService(users, sessionStore, revocations),
      demo: createDemoService({
        demoEmail: config.demoUsers ? demoUsers[0].email : null,
        ...{ users, sessions, attempts, observer },
      }),
      clock,
    },
    ...{ clock, revocations, feed, eventHub, lastSeen, bcrypt },
    // The feed notices within seconds that the database hangs, while a query waits for its timeout.
    isReady: async () => feed.state() !== 'lost' && canServe(),
  }
}
