import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { revocationReasons } from '../core/model.ts'
import type { RefreshResult, SessionObserver } from '../core/observer.ts'
import { outcomes } from '../core/sessions/session-store.ts'

const PREFIX = 'silent_refresh_'

/** Routes by their own name; pages and their files count as one, and so does what is not there. */
const namedRoutes = new Set(['/graphql', '/healthz', '/readyz', '/metrics'])

export interface Metrics {
  observer: SessionObserver
  /** @param lagMs null when it is not known. */
  sessionEnded(reason: string | null, lagMs: number | null): void
  /** An error that a client was told, by its code. */
  errorTold(code: string): void
  housekeepingRemoved(removed: Readonly<Record<string, number>>): void
  backgroundWorkFailed(): void
  requestAnswered(request: { method: string; route: string | undefined; status: number; tookMs: number }): void
  /** A value that is read when the metrics are; `labels` give each part of it a line of its own. */
  watch(name: string, help: string, read: () => number | Readonly<Record<string, number>>): void
  /** Everything in the text format of Prometheus. */
  text(): Promise<string>
  readonly contentType: string
}

/** The only place that knows Prometheus. Each app has a registry of its own, so that several live in one process. */
export function createMetrics(): Metrics {
  const register = new Registry()
  const registers = [register]
  // Event loop, memory, garbage collection, file descriptors and processor, by the names that every dashboard knows.
  collectDefaultMetrics({ register })

  /** Known values of a label stand at 0 from the start, so that a first rise is seen as one. */
  function counter(name: string, help: string, label: string, values: readonly string[] = []) {
    const made = new Counter({ name: `${PREFIX}${name}`, help, registers, labelNames: [label] })
    for (const value of values) made.inc({ [label]: value }, 0)
    return (value: string, count = 1) => made.inc({ [label]: value }, count)
  }

  const refreshResults: readonly RefreshResult[] = [...outcomes, 'invalid', 'failed']
  const refreshes = counter(
    'refreshes_total',
    'Presented refresh tokens by what became of them: rotated, repeated (the same successor once more), limited, reused (the session was ended), ahead (newer than the row), expired, revoked, unknown (no such session), invalid (signature or form), failed (nothing was decided).',
    'outcome',
    refreshResults,
  )
  const signIns = counter('sign_ins_total', 'Sign-ins by result: OK or the code of the error.', 'result', [
    'OK',
    'INVALID_CREDENTIALS',
    'RATE_LIMITED',
  ])
  const signUps = counter('sign_ups_total', 'Sign-ups by result: OK or the code of the error.', 'result', ['OK'])
  const limited = new Counter({
    name: `${PREFIX}attempts_limited_total`,
    help: 'Attempts to sign in, sign up or change a password that were over a limit, those among them that never ran.',
    registers,
  })
  const ended = counter(
    'sessions_ended_total',
    'Sessions that ended, by reason, as this instance heard of them. Every instance hears of all: take the maximum, not the sum.',
    'reason',
    [...revocationReasons, 'OTHER'],
  )
  const lag = new Histogram({
    name: `${PREFIX}revocation_lag_seconds`,
    help: 'From the statement that ended a session to when this instance heard of it, on the clock of the database.',
    registers,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  })
  const errors = counter('errors_total', 'Errors that clients were told, by code.', 'code', [
    'SERVICE_UNAVAILABLE',
    'INTERNAL_SERVER_ERROR',
  ])
  const removed = counter('housekeeping_removed_total', 'Rows that this instance removed, by kind.', 'kind')
  const failures = new Counter({
    name: `${PREFIX}background_failures_total`,
    help: 'Work beside requests that failed; it is tried again. The log tells what.',
    registers,
  })
  const requests = new Histogram({
    name: `${PREFIX}http_request_duration_seconds`,
    help: 'From the first byte of a request to the last of its answer.',
    registers,
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })

  return {
    observer: {
      signedUp: (result) => signUps(result),
      signedIn: (result) => signIns(result),
      refreshed: (outcome) => refreshes(outcome),
      attemptLimited: () => limited.inc(),
    },
    sessionEnded(reason, lagMs) {
      // What an operator wrote there at a console must not make a line for each word.
      ended(revocationReasons.find((known) => known === reason) ?? 'OTHER')
      if (lagMs !== null) lag.observe(Math.max(0, lagMs) / 1000)
    },
    errorTold: (code) => errors(code),
    housekeepingRemoved(rows) {
      for (const [kind, count] of Object.entries(rows)) removed(kind, count)
    },
    backgroundWorkFailed: () => failures.inc(),
    requestAnswered({ method, route, status, tookMs }) {
      const name = route !== undefined && namedRoutes.has(route) ? route : 'pages'
      requests.observe({ method, route: name, status }, tookMs / 1000)
    },
    watch(name, help, read) {
      const gauge: Gauge<'state'> = new Gauge({
        name: `${PREFIX}${name}`,
        help,
        registers,
        labelNames: ['state'],
        collect() {
          const value = read()
          if (typeof value === 'number') gauge.set(value)
          else for (const [state, part] of Object.entries(value)) gauge.set({ state }, part)
        },
      })
    },
    text: () => register.metrics(),
    contentType: register.contentType,
  }
}
