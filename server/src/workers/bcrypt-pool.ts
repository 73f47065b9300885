import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { ShedReason } from '../core/observer.ts'
import type { Bcrypt } from '../core/password/password-hasher.ts'
import { createJobQueue } from './job-queue.ts'

/** By default, Piscina stops idle threads immediately, and starting a new one costs more than a sign-in. */
const IDLE_MS = 60_000

const MAX_THREADS = Math.min(4, availableParallelism())

/** Faster than bcryptjs. It is used if the operator has installed it. */
const NATIVE_MODULE = '@node-rs/bcrypt'

/** How long a password may wait for a thread, in milliseconds. Clients that wait longer give up before their turn. */
const MAX_WAIT_MS = 10_000

export interface BcryptPool extends Bcrypt {
  /** The number of passwords waiting for a thread. */
  waiting(): number
  /** Whether passwords are hashed by the native module. */
  isNative(): Promise<boolean>
  close(): Promise<void>
}

/**
 * Runs bcrypt in a few threads, because half a second of computation would block all other requests. Our own queue
 * is in front of them: a thread gets a job only when it is free, so whatever is still waiting can be shed.
 * @param onError called when a thread that was doing nothing has failed, for example for lack of memory. Another one replaces it.
 * @param options.onShed called for each password that was not processed.
 * @param options.nativeModule the name or URL of the native module; without it, bcryptjs does the same work.
 * @see PROTOCOL.md S1, S21
 */
export function createBcryptPool(
  onError: (error: unknown) => void,
  {
    nativeModule = NATIVE_MODULE,
    ...options
  }: {
    readonly maxWaitMs?: number
    readonly onShed?: (reason: ShedReason) => void
    readonly nativeModule?: string
  } = {},
): BcryptPool {
  const queue = createJobQueue({ maxThreads: MAX_THREADS, maxWaitMs: MAX_WAIT_MS, ...options })
  const pool = new Piscina({
    filename: new URL('./bcrypt-worker.mjs', import.meta.url).href,
    minThreads: 1,
    maxThreads: MAX_THREADS,
    idleTimeout: IDLE_MS,
    workerData: { nativeModule },
  })
  pool.on('error', onError)
  return {
    hash: (prepared, cost, job) => queue.run(() => pool.run({ prepared, cost }, { name: 'hash' }), job),
    compare: (check, job) => queue.run(() => pool.run(check, { name: 'compare' }), job),
    requireRoom: queue.requireRoom,
    waiting: queue.waiting,
    isNative: () => pool.run(undefined, { name: 'isNative' }),
    close: () => pool.close(),
  }
}
