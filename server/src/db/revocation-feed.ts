import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { z } from 'zod'
import type { RevocationList } from '../core/revocation/revocation-list.ts'
import { recentlyChangedRights, recentlyEndedSessions } from './statements/recent-changes.ts'

/** How often the connection is probed, and how long the database may take to answer. Milliseconds. */
const HEARTBEAT_MS = 1_000
const HEARTBEAT_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 3_000
const MIN_RETRY_MS = 100
const MAX_RETRY_MS = 3_000

const messageSchema = z.discriminatedUnion('kind', [
  // Databases before migration 0004 send neither reason nor time.
  z.object({ kind: z.literal('session'), id: z.string(), reason: z.string().nullish(), at: z.number().optional() }),
  z.object({ kind: z.literal('user'), id: z.string(), version: z.number() }),
  z.object({ kind: z.literal('event'), id: z.string(), userId: z.string() }),
])

export interface FeedListeners {
  readonly onEvent: (event: { readonly id: string; readonly userId: string }) => void
  /** Called for each session whose end is notified, with the reason and how long the notification took, in milliseconds. */
  readonly onSessionEnded: (reason: string | null, lagMs: number | null) => void
  /** Called whenever the feed has become current. */
  readonly onCurrent: () => void
  readonly onLost: (cause: unknown) => void
}

export interface RevocationFeed {
  /** True while the list is known to be complete. */
  isCurrent(): boolean
  /** Starts the feed. Resolves when it is current for the first time. */
  start(listeners: FeedListeners): Promise<void>
  stop(): Promise<void>
}

/**
 * Keeps the list complete by LISTEN on its own connection. After each connect it first listens, then reads what ended within
 * the last access-token lifetime, and only then is current, so that nothing is missed in between. A heartbeat on the same
 * connection proves that the connection works and, because notifications arrive in order, that all earlier ones have
 * arrived.
 * @param url a direct connection: LISTEN does not work through PgBouncer's transaction pooling.
 * @see PROTOCOL.md S15
 */
export function createRevocationFeed(url: string, list: RevocationList): RevocationFeed {
  const stopping = new AbortController()
  let becameCurrent = () => {}
  const firstCurrent = new Promise<void>((resolve) => {
    becameCurrent = resolve
  })
  let lastHeartbeatMs = Number.NEGATIVE_INFINITY
  let connected = false
  /** How far the database's clock is ahead of ours, so that the lag is measured on one clock. */
  let clockAheadMs: number | null = null
  let running: Promise<void> | undefined

  function applyMessage(payload: string | undefined, { onEvent, onSessionEnded }: FeedListeners): void {
    const message = messageSchema.safeParse(parse(payload)).data
    if (message?.kind === 'session') {
      list.sessionEnded(message.id)
      const { reason = null, at } = message
      onSessionEnded(reason, at === undefined || clockAheadMs === null ? null : Date.now() + clockAheadMs - at)
    }
    if (message?.kind === 'user') list.rightsChanged(message.id, message.version)
    if (message?.kind === 'event') onEvent(message)
  }

  async function catchUp(client: pg.Client): Promise<void> {
    const ended = await client.query<{ id: string }>(recentlyEndedSessions, [list.keptMs])
    for (const { id } of ended.rows) list.sessionEnded(id)
    const changed = await client.query<{ id: string; version: number }>(recentlyChangedRights, [list.keptMs])
    for (const { id, version } of changed.rows) list.rightsChanged(id, version)
  }

  /** Runs until the connection is lost, and then rejects. */
  async function listen(listeners: FeedListeners): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'silent-refresh feed',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: HEARTBEAT_TIMEOUT_MS,
      keepAlive: true,
    })
    const lost = new Promise<never>((_resolve, reject) => {
      client.on('error', reject)
      client.on('end', () => reject(new Error('The connection was closed.')))
    })
    lost.catch(() => {})
    client.on('notification', ({ payload }) => applyMessage(payload, listeners))
    try {
      await client.connect()
      await client.query('LISTEN silent_refresh')
      await catchUp(client)
      for (;;) {
        const sentMs = performance.now()
        const answer = await Promise.race([
          client.query<{ now: number }>('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now'),
          lost,
        ])
        lastHeartbeatMs = sentMs
        const roundTripMs = performance.now() - sentMs
        clockAheadMs = (answer.rows[0]?.now ?? Number.NaN) + roundTripMs / 2 - Date.now()
        if (!connected) {
          connected = true
          becameCurrent()
          listeners.onCurrent()
        }
        list.prune()
        await Promise.race([sleep(HEARTBEAT_MS, undefined, { signal: stopping.signal }), lost])
      }
    } finally {
      connected = false
      void client.end().catch(() => {})
    }
  }

  async function run(listeners: FeedListeners): Promise<void> {
    let retryMs = MIN_RETRY_MS
    while (!stopping.signal.aborted) {
      const startedMs = performance.now()
      await listen(listeners).catch((cause: unknown) => {
        if (!stopping.signal.aborted) listeners.onLost(cause)
      })
      retryMs = performance.now() - startedMs > MAX_RETRY_MS ? MIN_RETRY_MS : Math.min(retryMs * 2, MAX_RETRY_MS)
      await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  return {
    // A connection that hangs without an error counts as lost when the last successful heartbeat is too old.
    isCurrent: () => connected && performance.now() - lastHeartbeatMs < HEARTBEAT_MS + HEARTBEAT_TIMEOUT_MS,
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

/** Null for anything but JSON: everyone who can connect to the database can send notifications. */
function parse(payload: string | undefined): unknown {
  try {
    return JSON.parse(payload ?? 'null')
  } catch {
    return null
  }
}
