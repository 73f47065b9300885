import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { revocationReasons } from '../core/model.ts'
import type { RefreshResult, Result, SessionObserver, ShedReason } from '../core/observer.ts'
import { outcomes } from '../core/sessions/session-store.ts'
import type { ErrorCode } from '../errors.ts'

const PREFIX = 'silent_refresh_'

/** Routes with a label of their own; all other paths share one. */
const namedRoutes = new Set(['/graphql', '/healthz', '/readyz', '/metrics'])

export interface Metrics {
  readonly observer: SessionObserver
  /** @param lagMs null when it is not known. */
  sessionEnded(reason: string | null, lagMs: number | null): void
  /** Counts an error that was sent to a client, by its code. */
  errorSent(code: string): void
  /** Counts an operation that was refused because of the user's role. */
  operationForbidden(): void
  housekeepingRemoved(removed: Readonly<Record<string, number>>): void
  backgroundWorkFailed(): void
  /** Counts a request that was answered or aborted. */
  requestEnded(request: { method: string; route: string | undefined; status: number; tookMs: number }): void
  /** Adds a value that is read whenever the metrics are; or several, by their label `state`. */
  gauge(name: string, help: string, read: () => number | Readonly<Record<string, number>>): void
  /** All metrics in the Prometheus text format. */
  text(): Promise<string>
  readonly contentType: string
}

/** The only module that knows Prometheus. Each app has its own registry, so that several can run in one process. */
export function createMetrics(): Metrics {
  const register = new Registry()
  const registers = [register]
  // Event loop, memory, garbage collection, file descriptors and CPU, under the names that dashboards expect.
  collectDefaultMetrics({ register })

  /** Known values of a label start at 0, so that their first increment shows as one. */
  function counter(name: string, help: string, label: string, values: readonly string[] = []) {
    const made = new Counter({ name: `${PREFIX}${name}`, help, registers, labelNames: [label] })
    for (const value of values) made.inc({ [label]: value }, 0)
    return (value: string, count = 1) => made.inc({ [label]: value }, count)
  }

  function plainCounter(name: string, help: string): () => void {
    const made = new Counter({ name: `${PREFIX}${name}`, help, registers })
    return () => made.inc()
  }

  const refreshResults: readonly RefreshResult[] = [...outcomes, 'invalid', 'foreign', 'failed']
  const signInResults: readonly Result[] = ['OK', 'INVALID_CREDENTIALS', 'RATE_LIMITED']
  const shedReasons: readonly ShedReason[] = ['queue_full', 'waited_too_long', 'disconnected']
  const ended = counter(
    'sessions_ended_total',
    'Ended sessions by reason, as reported to this instance. Every instance counts all of them: aggregate with max, not sum.',
    'reason',
    [...revocationReasons, 'OTHER'],
  )
  const lag = new Histogram({
    name: `${PREFIX}revocation_lag_seconds`,
    help: 'Time from the statement that ended a session until this instance learned of it, on the database clock.',
    registers,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  })
  const errorCodes: readonly ErrorCode[] = ['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR']
  const removed = counter(
    'housekeeping_removed_total',
    'Rows that housekeeping on this instance removed, by kind.',
    'kind',
  )
  const requests = new Histogram({
    name: `${PREFIX}http_request_duration_seconds`,
    help: 'Time from the headers of a request to the last byte of its response, or until its connection closed (status 499).',
    registers,
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })

  return {
    observer: {
      signedUp: counter('sign_ups_total', 'Sign-ups by result: OK or the error code.', 'result', ['OK']),
      signedIn: counter('sign_ins_total', 'Sign-ins by result: OK or the error code.', 'result', signInResults),
      refreshed: counter(
        'refreshes_total',
        'Presented refresh tokens by outcome: rotated, repeated (the same successor again), limited, reused (the session was revoked), ahead (newer than the row), expired, revoked, unknown (no such session), invalid (signature or format), foreign (a cookie that this deployment did not issue), failed (the database returned no outcome).',
        'outcome',
        refreshResults,
      ),
      attemptLimited: plainCounter(
        'attempts_limited_total',
        'Attempts to sign in, sign up or change a password that exceeded a limit.',
      ),
      passwordShed: counter(
        'passwords_shed_total',
        'Passwords that were not processed, by reason: queue_full (the expected wait was too long), waited_too_long, disconnected (the client gave up).',
        'reason',
        shedReasons,
      ),
    },
    sessionEnded(reason, lagMs) {
      // A reason that an operator typed at a database console must not create a new label.
      ended(revocationReasons.find((known) => known === reason) ?? 'OTHER')
      if (lagMs !== null) lag.observe(Math.max(0, lagMs) / 1000)
    },
    errorSent: counter('errors_total', 'Errors sent to clients, by code.', 'code', errorCodes),
    operationForbidden: plainCounter(
      'operations_forbidden_total',
      'Operations that were refused because the user does not have the required role. The log has the users.',
    ),
    housekeepingRemoved(rows) {
      for (const [kind, count] of Object.entries(rows)) removed(kind, count)
    },
    backgroundWorkFailed: plainCounter(
      'background_failures_total',
      'Failures of background work, which is retried. The log has the cause.',
    ),
    requestEnded({ method, route, status, tookMs }) {
      const name = route !== undefined && namedRoutes.has(route) ? route : 'pages'
      requests.observe({ method, route: name, status }, tookMs / 1000)
    },
    gauge(name, help, read) {
      const made: Gauge<'state'> = new Gauge({
        name: `${PREFIX}${name}`,
        help,
        registers,
        labelNames: ['state'],
        collect() {
          const value = read()
          if (typeof value === 'number') made.set(value)
          else for (const [state, part] of Object.entries(value)) made.set({ state }, part)
        },
      })
    },
    text: () => register.metrics(),
    contentType: register.contentType,
  }
}
