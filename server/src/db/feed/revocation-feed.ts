import { setTimeout as sleep } from 'node:timers/promises'
import type { QueryResult } from 'pg'
import type { KnownUsers } from '../../core/accounts/known-users.ts'
import type { DatabaseClock } from '../../core/clock.ts'
import type { FeedState } from '../../core/revocation/access-check.ts'
import type { RevocationList } from '../../core/revocation/revocation-list.ts'
import { readServerIdentity, type ServerIdentity } from '../connections/server-identity.ts'
import { requestSettings } from '../connections/session-settings.ts'
import { StrictClient } from '../connections/strict-client.ts'
import { readLogPage } from '../statements/revocation-log.ts'
import { type FeedMessage, readMessage } from './feed-message.ts'
import { createFeedProbe } from './feed-probe.ts'
import { createFreshness } from './freshness.ts'

const CONNECT_TIMEOUT_MS = 3_000
/** Longer than a heartbeat may take. Milliseconds. */
const LOG_PAGE_TIMEOUT_MS = 5_000
const MIN_RETRY_MS = 100
const MAX_RETRY_MS = 3_000

const DEAF =
  'A notification sent through DATABASE_URL did not arrive through DATABASE_LISTEN_URL. Both must lead to the same database, and LISTEN needs a direct connection, not a pooler.'
const UNPROVEN = 'No notification could be sent through DATABASE_URL.'

const heartbeat = `
SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now,
  EXISTS (SELECT FROM pg_listening_channels() AS channel WHERE channel = 'silent_refresh') AS listens`

export interface FeedListeners {
  readonly onEvent: (event: { readonly id: string; readonly userId: string }) => void
  /** Called for each session whose end is notified, with the reason and how long the notification took, in milliseconds. */
  readonly onSessionEnded: (reason: string | null, lagMs: number | null) => void
  /** Called whenever the feed has become current. */
  readonly onCurrent: () => void
  readonly onLost: (cause: unknown) => void
  /** Called when the clock has been synchronised. */
  readonly onHeartbeat: () => void
}

export interface RevocationFeed {
  /** `current` while the list is known to be complete. */
  state(): FeedState
  /** The server on which the feed listens; null while it is not connected. */
  server(): ServerIdentity | null
  /** Starts the feed. Resolves when it is current for the first time. */
  start(listeners: FeedListeners): Promise<void>
  stop(): Promise<void>
}

export interface FeedOptions {
  /** A direct connection: LISTEN does not work through PgBouncer's transaction pooling. */
  readonly url: string
  readonly list: RevocationList
  /** Told of every change of a user's row. */
  readonly knownUsers: Pick<KnownUsers, 'changed' | 'clear'>
  /** Synchronised with each heartbeat. */
  readonly clock: DatabaseClock
  /** Sends a notification through the connections that revoke sessions. */
  readonly notify: (message: FeedMessage) => Promise<unknown>
  /** How long the feed may give no sign of life before it counts as lost, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Keeps the list complete by LISTEN on its own connection. After each connect it first listens, then reads the log of
 * revocations, and only then is current, so that nothing is missed in between. Heartbeats prove two things. The connection
 * works, and, because notifications arrive in order, all earlier ones have arrived. The feed also listens on the right
 * database: a test notification sent through the pool has arrived.
 * @see PROTOCOL.md S15
 */
export function createRevocationFeed(options: FeedOptions): RevocationFeed {
  const { url, list, knownUsers, clock, notify, timeoutMs } = options
  const heartbeatMs = timeoutMs / 3
  const stopping = new AbortController()
  const freshness = createFreshness(timeoutMs)
  let becameCurrent = () => {}
  const firstCurrent = new Promise<void>((resolve) => {
    becameCurrent = resolve
  })
  let running: Promise<void> | undefined
  let server: ServerIdentity | null = null

  /** Takes over a revocation, from a notification or from the log, or a change of a user's row. */
  function apply(message: FeedMessage | undefined): void {
    if (message?.kind === 'session') list.sessionEnded(message.id)
    if (message?.kind === 'user') list.rightsChanged(message.id, message.version)
    if (message?.kind === 'user' || message?.kind === 'profile') knownUsers.changed(message.id)
    if (message?.kind === 'all') {
      list.allEnded(message.issuedUpTo)
      knownUsers.clear()
    }
  }

  /** Runs until the connection is lost, and then rejects. */
  async function listen(listeners: FeedListeners): Promise<void> {
    const probe = createFeedProbe(notify)
    const client = new StrictClient({
      settings: requestSettings,
      connectionString: url,
      application_name: 'silent-refresh feed',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: timeoutMs - heartbeatMs,
      keepAlive: true,
    })
    const lost = new AbortController()
    const over = AbortSignal.any([lost.signal, stopping.signal])
    client.on('error', (error) => lost.abort(error))
    client.on('end', () => lost.abort(new Error('The connection was closed.')))
    client.on('notification', ({ payload }) => {
      try {
        onMessage(readMessage(payload))
      } catch (error) {
        lost.abort(error) // after the next connect, the message is read from the log
      }
    })

    function onMessage(message: FeedMessage | undefined): void {
      apply(message)
      if (message?.kind === 'session') {
        const { reason = null, at } = message
        listeners.onSessionEnded(reason, at === undefined ? null : clock.nowMs() - at)
      }
      if (message?.kind === 'event') listeners.onEvent(message)
      if (message?.kind === 'probe') probe.receive(message.id)
    }

    /** In pages, because after many revocations the log is long. What is added meanwhile is notified. */
    async function catchUp(): Promise<void> {
      for (let after = '0'; ; ) {
        const { rows }: QueryResult<{ id: string; message: unknown }> = await client.query({
          text: readLogPage,
          values: [after],
          query_timeout: LOG_PAGE_TIMEOUT_MS,
        })
        for (const { message } of rows) apply(readMessage(message))
        const last = rows.at(-1)
        if (last === undefined) return
        after = last.id
      }
    }

    let provenProbe = 0
    let provenMs = performance.now()

    /** @throws Error when the feed does not hear what this instance writes. */
    async function beat(): Promise<void> {
      const sent = probe.lastSent()
      const sentAt = freshness.mark()
      const sentMs = clock.monotonicMs()
      const { rows }: QueryResult<{ now: number; listens: boolean }> = await client.query(heartbeat)
      if (rows[0]?.listens !== true || probe.lastReceived() < sent) throw new Error(DEAF)
      clock.synchronise(rows[0].now, sentMs)
      listeners.onHeartbeat()
      if (sent > provenProbe) {
        freshness.proven(sentAt)
        if (provenProbe === 0) {
          becameCurrent()
          listeners.onCurrent()
        }
        provenProbe = sent
        provenMs = sentAt.monotonicMs
      } else if (sentAt.monotonicMs - provenMs > timeoutMs) {
        throw new Error(UNPROVEN)
      }
    }

    try {
      await client.connect()
      await client.query('LISTEN silent_refresh')
      server = await readServerIdentity(async (statement) => (await client.query(statement)).rows)
      await catchUp()
      await Promise.race([
        probe.send(),
        new Promise((resolve) => over.addEventListener('abort', resolve, { once: true })),
      ])
      while (!over.aborted) {
        await beat()
        void probe.send()
        list.prune()
        await sleep(heartbeatMs, undefined, { signal: over }).catch(() => {})
      }
      throw over.reason
    } finally {
      freshness.lost()
      knownUsers.clear()
      server = null
      void client.end().catch(() => {})
    }
  }

  async function run(listeners: FeedListeners): Promise<void> {
    let retryMs = MIN_RETRY_MS
    while (!stopping.signal.aborted) {
      list.prune()
      const startedMs = performance.now()
      await listen(listeners).catch((cause: unknown) => {
        if (!stopping.signal.aborted) listeners.onLost(cause)
      })
      retryMs = performance.now() - startedMs > MAX_RETRY_MS ? MIN_RETRY_MS : Math.min(retryMs * 2, MAX_RETRY_MS)
      await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  return {
    state: freshness.state,
    server: () => server,
    start(listeners) {
      running ??= run(listeners)
      return firstCurrent
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
