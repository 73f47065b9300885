import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { DataSource } from 'typeorm'
import type { Config } from './config.ts'
import type { DatabaseClock } from './core/clock.ts'
import { tryAll } from './core/try-all.ts'
import type { Core } from './create-core.ts'
import { findWrongSettings } from './db/connections/session-settings.ts'
import { onNamesRefused } from './db/data-source.ts'
import { createLogPruning } from './db/feed/log-pruning.ts'
import { createHousekeeping } from './db/housekeeping.ts'
import type { Metrics } from './http/metrics.ts'

/** How long a start waits for the revocation feed, in milliseconds. */
const MAX_FEED_WAIT_MS = 3_000

/** A larger difference from the database's clock is reported. Milliseconds. */
const MAX_CLOCK_OFFSET_MS = 5_000

export interface Background {
  /** Why the feed was lost last; null while it is current or has not failed yet. */
  feedTrouble(): string | null
  /** Finishes the work in progress and stores what is only in memory. */
  stop(): Promise<void>
}

/**
 * Starts the background work: the revocation feed, storing when sessions were last used, housekeeping. Resolves when the
 * feed is current, or after three seconds without it.
 */
export async function createBackground(
  core: Core,
  deps: {
    readonly config: Config
    readonly dataSource: DataSource
    readonly metrics: Pick<Metrics, 'sessionEnded' | 'housekeepingRemoved'>
    readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>
    readonly onError: (error: unknown) => void
  },
): Promise<Background> {
  const { clock, feed, lastSeen, eventHub, revocations } = core
  const { config, dataSource, metrics, log, onError } = deps
  const warn = (wrong: object) =>
    log.warn(wrong, 'a setting of the database connections is wrong: run the statement in fixedBy')
  onNamesRefused(dataSource, (error) =>
    log.warn({ err: error }, 'a pooler does not follow prepared statements: set DATABASE_PREPARED_STATEMENTS=false'),
  )
  await findWrongSettings(dataSource).then((settings) => settings.forEach(warn), onError)
  void core.bcrypt.isNative().then(
    (isNative) => isNative && log.info('passwords are hashed by @node-rs/bcrypt'),
    () => {}, // the server stops already
  )
  let lostTo: string | null = null
  const feedIsCurrent = feed.start({
    onEvent: eventHub.announce,
    onSessionEnded: metrics.sessionEnded,
    onCurrent() {
      lostTo = null
      log.info('revocation feed is current')
    },
    onLost(cause) {
      // Attempts to connect follow each other every few seconds, and most fail for the same reason.
      const trouble = cause instanceof Error ? cause.message : String(cause)
      if (trouble !== lostTo) {
        log.warn({ err: cause }, 'revocation feed lost: checking access in the database instead')
      }
      lostTo = trouble
    },
    onHeartbeat: createClockWatch(clock, log),
  })
  // Without the feed the instance works correctly but more slowly, and /readyz reports it.
  await Promise.race([feedIsCurrent, sleep(MAX_FEED_WAIT_MS, undefined, { ref: false })])
  const stopStoring = lastSeen.start(onError)
  const stopPruning = createLogPruning(dataSource, revocations.keptMs, clock.monotonicMs).start(onError)
  const retention = { keepSessionsMs: revocations.keptMs, keepEventsMs: config.eventRetentionMs }
  const stopHousekeeping = createHousekeeping({ dataSource, ...retention }).start({
    onPass(removed) {
      metrics.housekeepingRemoved(removed)
      log.info({ removed }, 'housekeeping done')
    },
    onError,
  })

  return {
    feedTrouble: () => lostTo,
    async stop() {
      stopStoring()
      await tryAll([stopHousekeeping, stopPruning, () => lastSeen.flush().catch(onError), feed.stop])
    },
  }
}

/** Reports when this machine's clock begins to differ from the database's, and when it agrees again. */
function createClockWatch(clock: DatabaseClock, log: Pick<FastifyBaseLogger, 'info' | 'warn'>): () => void {
  let isWrong = false
  return () => {
    const aheadMs = Math.round(clock.systemAheadMs())
    if (Math.abs(aheadMs) > MAX_CLOCK_OFFSET_MS === isWrong) return
    isWrong = !isWrong
    if (isWrong) log.warn({ aheadMs }, "this machine's clock is wrong: using the database's time instead")
    else log.info({ aheadMs }, "this machine's clock agrees with the database's again")
  }
}
