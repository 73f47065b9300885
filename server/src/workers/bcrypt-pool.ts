import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { Bcrypt } from '../core/password/password-hasher.ts'
import { ServiceUnavailableError } from '../errors.ts'

/** By default, Piscina stops idle threads immediately, and starting a new one costs more than a sign-in. */
const IDLE_MS = 60_000

const MAX_THREADS = Math.min(4, availableParallelism())

export interface BcryptPool extends Bcrypt {
  /** The number of passwords waiting for a thread. */
  waiting(): number
  close(): Promise<void>
}

/**
 * Runs bcrypt in a few threads, because a quarter of a second of computation would block all other requests. While the
 * queue is full, calls are refused with `ServiceUnavailableError` before any work, for known and unknown accounts alike (S1).
 * @param cost the usual cost, which determines the length of the queue.
 * @param onError called when a thread that was doing nothing has failed, for example for lack of memory. Another one replaces it.
 */
export function createBcryptPool(cost: number, onError: (error: unknown) => void): BcryptPool {
  const maxWaiting = MAX_THREADS * waitingPerThread(cost)
  const pool = new Piscina({
    filename: new URL('./bcrypt-worker.mjs', import.meta.url).href,
    minThreads: 1,
    maxThreads: MAX_THREADS,
    idleTimeout: IDLE_MS,
  })
  pool.on('error', onError)

  async function run<T>(name: 'hash' | 'compare', job: object): Promise<T> {
    if (pool.queueSize >= maxWaiting) {
      throw new ServiceUnavailableError(new Error(`${maxWaiting} passwords are already waiting for a thread.`))
    }
    return pool.run(job, { name })
  }

  return {
    hash: (prepared, cost) => run('hash', { prepared, cost }),
    compare: (prepared, hash) => run('compare', { prepared, hash }),
    waiting: () => pool.queueSize,
    close: () => pool.close(),
  }
}

/**
 * About ten seconds of work: a quarter of a second per password at cost 12, and twice as much with each step. Clients
 * further back would give up before their turn.
 */
function waitingPerThread(cost: number): number {
  return Math.ceil(40 * 2 ** (12 - cost))
}
