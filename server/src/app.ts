import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import type { DataSource } from 'typeorm'
import type { Config } from './config.ts'
import { createAccountService } from './core/accounts/account-service.ts'
import { type Clock, systemClock } from './core/clock.ts'
import { createEventHub } from './core/events/event-hub.ts'
import { createAttemptLimiter } from './core/limits/attempt-limiter.ts'
import { createPasswordHasher } from './core/password/password-hasher.ts'
import { createAccessCheck } from './core/revocation/access-check.ts'
import { createLiveConnections } from './core/revocation/live-connections.ts'
import { createRevocationList } from './core/revocation/revocation-list.ts'
import { createDeviceService } from './core/sessions/device-service.ts'
import { createLastSeen } from './core/sessions/last-seen.ts'
import { createSessionService, type SessionService } from './core/sessions/session-service.ts'
import { createAccessTokens } from './core/tokens/access-token.ts'
import { createKeyring, type NamedSecret } from './core/tokens/keyring.ts'
import { createRefreshTokens } from './core/tokens/refresh-token.ts'
import { poolStats } from './db/data-source.ts'
import { createHousekeeping } from './db/housekeeping.ts'
import { createRevocationFeed } from './db/revocation-feed.ts'
import { createAttemptStore } from './db/typeorm-attempt-store.ts'
import { createSecurityEventStore } from './db/typeorm-security-event-store.ts'
import { createSessionStore } from './db/typeorm-session-store.ts'
import { createUserStore } from './db/typeorm-user-store.ts'
import { authGate } from './graphql/auth-gate.ts'
import type { GraphContext } from './graphql/context.ts'
import { createFormatError, noteErrorOrigin } from './graphql/format-error.ts'
import { parseOptions, validationRules } from './graphql/query-limits.ts'
import { retryAfter } from './graphql/retry-after.ts'
import { createSchema } from './graphql/schema.ts'
import { createSubscriptionServer } from './graphql/subscription-server.ts'
import { createHttpServer, type HttpOptions, mountRoutes } from './http/create-fastify.ts'
import { createMetrics } from './http/metrics.ts'
import { type SocketLimits, serveSockets, socketLimits } from './http/sockets/socket-server.ts'
import { closeUnusedConnections } from './http/unused-connections.ts'
import { createBcryptPool } from './workers/bcrypt-pool.ts'

/** How long a start waits for the revocation feed. Milliseconds. */
const FEED_PATIENCE_MS = 3_000

export interface AppDeps {
  config: Config
  /** Connected and migrated; whoever made it closes it. */
  dataSource: DataSource
  /** Where to LISTEN: a direct connection to the same database. */
  listenUrl: string
  accessTokenSecrets: readonly NamedSecret[]
  refreshTokenSecrets: readonly NamedSecret[]
  clock?: Clock
  /** Where log lines go; standard output by default. */
  logStream?: { write(line: string): void }
  socketLimits?: SocketLimits
}

export interface App {
  fastify: FastifyInstance
  sessions: SessionService
  openSockets(): number
  /** Says from now on that it is not ready, and goes on answering: balancers send no more requests. */
  drain(): void
  /** Answers what is under way, then closes everything this app opened. */
  stop(): Promise<void>
}

/** Wires everything; the only file that sees every side. */
export async function buildApp(deps: AppDeps): Promise<App> {
  const { config, dataSource, clock = systemClock } = deps
  const metrics = createMetrics()
  const revocations = createRevocationList(clock, config.accessTokenTtlSeconds * 1000)
  const users = createUserStore(dataSource)
  const sessionStore = createSessionStore(dataSource)
  const events = createSecurityEventStore(dataSource)
  const lastSeen = createLastSeen(clock, sessionStore.touch)
  const onError = (error: unknown) => {
    metrics.backgroundWorkFailed()
    fastify.log.error({ err: error }, 'background work failed')
  }
  const feed = createRevocationFeed({
    url: deps.listenUrl,
    list: revocations,
    onEvent: (event) => eventHub.announce(event),
    onSessionEnded: metrics.sessionEnded,
    onStateChange: (current, cause) =>
      current
        ? fastify.log.info('revocation feed is current')
        : fastify.log.warn({ err: cause }, 'revocation feed lost: asking the database per request'),
  })
  const checkAccess = createAccessCheck({ list: revocations, isCurrent: feed.isCurrent, ask: sessionStore.refusalOf })
  const eventHub = createEventHub({
    find: events.find,
    holds: async (claims) => (await checkAccess(claims)) === null,
    onError,
  })
  const tokenKind = { issuer: config.tokenIssuer, audience: config.tokenAudience, clock }
  const bcrypt = createBcryptPool(config.passwordCost)
  const passwords = await createPasswordHasher(bcrypt, config.passwordCost)
  const loginLimits = { perAccount: config.loginsPerMinutePerAccount, perAddress: config.loginsPerMinutePerAddress }
  const attempts = createAttemptLimiter(createAttemptStore(dataSource), loginLimits, metrics.observer.attemptLimited)
  const sessions = createSessionService({
    users,
    sessions: sessionStore,
    passwords,
    attempts,
    revocations,
    lastSeen,
    events,
    observer: metrics.observer,
    onError,
    checkAccess,
    accessTokens: createAccessTokens(
      { ...tokenKind, keys: createKeyring(deps.accessTokenSecrets) },
      config.accessTokenTtlSeconds,
    ),
    refreshTokens: createRefreshTokens({ ...tokenKind, keys: createKeyring(deps.refreshTokenSecrets) }),
    policy: {
      refreshTokenMode: config.refreshTokenMode,
      refreshTtlMs: config.refreshTokenTtlMs,
      absoluteTtlMs: config.sessionAbsoluteTtlMs,
      gracePeriodMs: config.refreshGracePeriodMs,
      refreshesPerMinute: config.refreshesPerMinutePerSession,
      maxSessions: config.maxSessionsPerUser,
    },
  })

  const options: HttpOptions = {
    corsOrigins: config.corsOrigins,
    cookieSecure: config.cookieSecure,
    trustProxy: config.trustProxy,
    log: { level: config.logLevel, ...(deps.logStream && { stream: deps.logStream }) },
    webRoot: join(import.meta.dirname, '../../client/dist/app'),
  }
  const fastify = createHttpServer(options)
  let isDraining = false
  fastify.addHook('onSend', async (_request, reply) => {
    // A connection that is kept would bring the next request to a server that is going.
    if (isDraining) reply.header('connection', 'close')
  })
  const schema = createSchema()
  const formatError = createFormatError({
    report: (error, reqId) => fastify.log.error({ ...(reqId && { reqId }), err: error }, 'operation failed'),
    onError: metrics.errorTold,
    hideSuggestions: !config.introspection,
  })
  const apollo = new ApolloServer<GraphContext>({
    schema,
    plugins: [
      noteErrorOrigin,
      authGate,
      retryAfter,
      fastifyApolloDrainPlugin(fastify),
      ApolloServerPluginLandingPageDisabled(),
    ],
    formatError,
    validationRules,
    parseOptions,
    introspection: config.introspection,
    hideSchemaDetailsFromClientErrors: !config.introspection,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
  })
  await apollo.start()
  const services = {
    sessions,
    devices: createDeviceService({ sessions: sessionStore, revocations }),
    accounts: createAccountService({
      users,
      sessions: sessionStore,
      events,
      eventHub,
      passwords,
      attempts,
      revocations,
    }),
  }
  await mountRoutes(fastify, {
    apollo,
    services,
    metrics,
    options,
    // The feed first: it finds out within seconds that the database hangs, where a query takes longer.
    isReady: async () =>
      !isDraining &&
      feed.isCurrent() &&
      dataSource.query('SELECT 1').then(
        () => true,
        () => false,
      ),
  })
  const limits = deps.socketLimits ?? socketLimits
  const openSockets = serveSockets(fastify, {
    corsOrigins: config.corsOrigins,
    limits,
    protocol: createSubscriptionServer({
      schema,
      services,
      connections: createLiveConnections({ list: revocations, clock, mostPerSession: limits.perSession }),
      formatError,
      hideSuggestions: !config.introspection,
      initTimeoutMs: limits.initTimeoutMs,
      maxSubscriptions: limits.subscriptions,
    }),
  })
  closeUnusedConnections(fastify)

  metrics.watch('revocation_list_size', 'Ended sessions and changed rights in memory.', () => revocations.size)
  metrics.watch('revocation_feed_current', '1 while the list is known to be complete; 0: asking per request.', () =>
    Number(feed.isCurrent()),
  )
  metrics.watch('open_sockets', 'Sockets that are open for subscriptions.', openSockets)
  metrics.watch('passwords_waiting', 'Passwords that wait for a thread to be hashed or compared.', bcrypt.waiting)
  metrics.watch('database_pool', 'Connections of the pool by state, and requests that wait for one.', () =>
    poolStats(dataSource),
  )

  // Without it the instance asks the database per request: right, only slower, and /readyz says so.
  await Promise.race([feed.start(), sleep(FEED_PATIENCE_MS, undefined, { ref: false })])
  const stopLastSeen = lastSeen.start(onError)
  const stopHousekeeping = createHousekeeping({
    dataSource,
    keepSessionsMs: revocations.keptMs,
    keepEventsMs: config.eventRetentionMs,
  }).start({
    onPass(removed) {
      metrics.housekeepingRemoved({ ...removed })
      fastify.log.info({ removed }, 'housekeeping done')
    },
    onError,
  })

  return {
    fastify,
    sessions,
    openSockets,
    drain() {
      isDraining = true
    },
    async stop() {
      isDraining = true
      await apollo.stop() // closes Fastify through its drain plugin
      stopLastSeen()
      await stopHousekeeping()
      await lastSeen.flush().catch(onError)
      await feed.stop()
      await bcrypt.close()
    },
  }
}
