import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { z } from 'zod'
import type { RevocationList } from '../core/revocation/revocation-list.ts'

/** How often the connection must prove that it is alive, and how long it may take. Milliseconds. */
const HEARTBEAT_MS = 1_000
const HEARTBEAT_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 3_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 3_000

const messageSchema = z.discriminatedUnion('kind', [
  // Without a reason and a time from instances and databases of before these were told.
  z.object({
    kind: z.literal('session'),
    id: z.string(),
    reason: z.string().nullish(),
    at: z.number().optional(),
  }),
  z.object({ kind: z.literal('user'), id: z.string(), version: z.number() }),
  z.object({ kind: z.literal('event'), id: z.string(), userId: z.string() }),
])

export interface RevocationFeedOptions {
  /** A direct connection: LISTEN does not work through PgBouncer's transaction pooling. */
  url: string
  list: RevocationList
  onEvent: (event: { id: string; userId: string }) => void
  /** Told of each session as the database told of it: why it ended, and how long the word took, in milliseconds. */
  onSessionEnded?: (reason: string | null, lagMs: number | null) => void
  /** Told when the feed is lost and when it is back. */
  onStateChange?: (current: boolean, cause?: unknown) => void
}

export interface RevocationFeed {
  /** True while the list holds everything the database has told. */
  isCurrent(): boolean
  /** Resolves when the feed is current for the first time. */
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Feeds the list from LISTEN on a connection of its own. After each connect it first listens, then reads what ended within
 * the last access-token lifetime, and only then counts as current; so nothing is lost in between. A heartbeat on the same
 * connection proves both that it lives and, as notifications come in order, that all earlier ones have arrived.
 * @see PROTOCOL.md S15
 */
export function createRevocationFeed(options: RevocationFeedOptions): RevocationFeed {
  const { url, list, onEvent, onSessionEnded = () => {}, onStateChange = () => {} } = options
  const stopping = new AbortController()
  let becameCurrent = () => {}
  const firstCurrent = new Promise<void>((resolve) => {
    becameCurrent = resolve
  })
  let lastProofMs = Number.NEGATIVE_INFINITY
  let connected = false
  /** How far the database's clock is ahead of ours, so that a lag is measured on one clock. */
  let clockAheadMs: number | null = null
  let running: Promise<void> | undefined

  function take(payload: string | undefined): void {
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
    const ended = await client.query<{ id: string }>(
      `SELECT id FROM sessions WHERE revoked_at > now() - $1::float8 * interval '1 millisecond'`,
      [list.keptMs],
    )
    for (const { id } of ended.rows) list.sessionEnded(id)
    const changed = await client.query<{ id: string; version: number }>(
      `SELECT id, version FROM users WHERE version_changed_at > now() - $1::float8 * interval '1 millisecond'`,
      [list.keptMs],
    )
    for (const { id, version } of changed.rows) list.rightsChanged(id, version)
  }

  /** Lives as long as one connection; rejects when it is lost. */
  async function listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'silent-refresh feed',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: HEARTBEAT_TIMEOUT_MS,
      keepAlive: true,
    })
    const lost = new Promise<never>((_resolve, reject) => {
      client.on('error', reject)
      client.on('end', () => reject(new Error('The connection has ended.')))
    })
    lost.catch(() => {})
    client.on('notification', ({ payload }) => take(payload))
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
        lastProofMs = sentMs
        const tookMs = performance.now() - sentMs
        clockAheadMs = (answer.rows[0]?.now ?? Number.NaN) + tookMs / 2 - Date.now()
        if (!connected) {
          connected = true
          becameCurrent()
          onStateChange(true)
        }
        list.prune()
        await Promise.race([sleep(HEARTBEAT_MS, undefined, { signal: stopping.signal }), lost])
      }
    } finally {
      connected = false
      void client.end().catch(() => {})
    }
  }

  async function run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    while (!stopping.signal.aborted) {
      const startedMs = performance.now()
      await listen().catch((cause: unknown) => {
        if (!stopping.signal.aborted) onStateChange(false, cause)
      })
      retryMs = performance.now() - startedMs > LAST_RETRY_MS ? FIRST_RETRY_MS : Math.min(retryMs * 2, LAST_RETRY_MS)
      await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  return {
    // A connection that hangs without an error counts as lost once its proof is older than a heartbeat may be.
    isCurrent: () => connected && performance.now() - lastProofMs < HEARTBEAT_MS + HEARTBEAT_TIMEOUT_MS,
    start() {
      running ??= run()
      return firstCurrent
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** Anyone who may connect to the database can notify: what is no JSON is not ours. */
function parse(payload: string | undefined): unknown {
  try {
    return JSON.parse(payload ?? 'null')
  } catch {
    return null
  }
}
