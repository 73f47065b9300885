import { setTimeout as sleep } from 'node:timers/promises'
import type { QueryResult } from 'pg'
import type { DatabaseClock } from '../../core/clock.ts'
import type { FeedState } from '../../core/revocation/access-check.ts'
import type { RevocationList } from '../../core/revocation/revocation-list.ts'
import { readServerIdentity, type ServerIdentity } from '../connections/server-identity.ts'
import { requestSettings } from '../connections/session-settings.ts'
import { StrictClient } from '../connections/strict-client.ts'
import { readLog } from '../statements/revocation-log.ts'
import { type FeedMessage, readMessage } from './feed-message.ts'
import { createFreshness } from './freshness.ts'
import { createPoolWords } from './pool-words.ts'

const CONNECT_TIMEOUT_MS = 3_000
/** Longer than a heartbeat may take, because the log can be long after many revocations. Milliseconds. */
const READ_LOG_TIMEOUT_MS = 30_000
const MIN_RETRY_MS = 100
const MAX_RETRY_MS = 3_000
/** How long the pool may be unable to send a word before the feed counts as lost, in milliseconds. */
const MAX_UNPROVEN_MS = 10_000

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
 * works, and, because notifications arrive in order, all earlier ones have arrived. And it listens where this instance
 * writes: a word that was sent through the pool has been heard.
 * @see PROTOCOL.md S15
 */
export function createRevocationFeed({ url, list, clock, notify, timeoutMs }: FeedOptions): RevocationFeed {
  const heartbeatMs = timeoutMs / 3
  const stopping = new AbortController()
  const freshness = createFreshness(timeoutMs)
  let becameCurrent = () => {}
  const firstCurrent = new Promise<void>((resolve) => {
    becameCurrent = resolve
  })
  let running: Promise<void> | undefined
  let server: ServerIdentity | null = null

  /** Takes over a revocation, from a notification or from the log. */
  function apply(message: FeedMessage | undefined): void {
    if (message?.kind === 'session') list.sessionEnded(message.id)
    if (message?.kind === 'user') list.rightsChanged(message.id, message.version)
    if (message?.kind === 'all') list.allEnded(message.issuedUpTo)
  }

  /** Runs until the connection is lost, and then rejects. */
  async function listen(listeners: FeedListeners): Promise<void> {
    const words = createPoolWords(notify)
    const client = new StrictClient({
      settings: { ...requestSettings, statement_timeout: `${READ_LOG_TIMEOUT_MS}ms` },
      connectionString: url,
      application_name: 'silent-refresh feed',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: timeoutMs - heartbeatMs,
      keepAlive: true,
    })
    const lost = new Promise<never>((_resolve, reject) => {
      client.on('error', reject)
      client.on('end', () => reject(new Error('The connection was closed.')))
      client.on('notification', ({ payload }) => {
        try {
          onMessage(readMessage(payload))
        } catch (error) {
          reject(error) // after the next connect, the message is read from the log
        }
      })
    })
    lost.catch(() => {})

    function onMessage(message: FeedMessage | undefined): void {
      apply(message)
      if (message?.kind === 'session') {
        const { reason = null, at } = message
        listeners.onSessionEnded(reason, at === undefined ? null : clock.nowMs() - at)
      }
      if (message?.kind === 'event') listeners.onEvent(message)
      if (message?.kind === 'word') words.hear(message.id)
    }

    let provenWord = 0
    let provenMs = performance.now()

    /** @throws Error when the feed does not hear what this instance writes. */
    async function beat(): Promise<void> {
      const word = words.accepted()
      const sentAt = freshness.mark()
      const sentMs = clock.monotonicMs()
      const { rows }: QueryResult<{ now: number; listens: boolean }> = await client.query(heartbeat)
      if (rows[0]?.listens !== true || words.heard() < word) throw new Error(DEAF)
      clock.synchronise(rows[0].now, sentMs)
      listeners.onHeartbeat()
      if (word === provenWord) {
        if (sentAt.monotonicMs - provenMs > MAX_UNPROVEN_MS) throw new Error(UNPROVEN)
        if (word === 0) return
      }
      freshness.proven(sentAt)
      if (provenWord === 0) {
        becameCurrent()
        listeners.onCurrent()
      }
      if (word > provenWord) [provenWord, provenMs] = [word, sentAt.monotonicMs]
    }

    try {
      await client.connect()
      await client.query('LISTEN silent_refresh')
      server = await readServerIdentity(async (statement) => (await client.query(statement)).rows)
      const { rows }: QueryResult<{ message: unknown }> = await client.query({
        text: readLog,
        query_timeout: READ_LOG_TIMEOUT_MS,
      })
      for (const { message } of rows) apply(readMessage(message))
      await Promise.race([words.send(), lost])
      for (;;) {
        await Promise.race([beat(), lost])
        void words.send()
        list.prune()
        await Promise.race([sleep(heartbeatMs, undefined, { signal: stopping.signal }), lost])
      }
    } finally {
      freshness.lost()
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
