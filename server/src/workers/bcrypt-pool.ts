import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { Bcrypt } from '../core/password/password-hasher.ts'
import { ServiceUnavailableError } from '../errors.ts'

/** By default a thread ends as soon as it is idle: starting one for every second sign-in costs more than the sign-in. */
const IDLE_MS = 60_000

const MOST_THREADS = Math.min(4, availableParallelism())

export interface BcryptPool extends Bcrypt {
  /** Passwords that wait for a thread. */
  waiting(): number
  close(): Promise<void>
}

/**
 * bcrypt in a few threads of its own: a quarter of a second of arithmetic must not hold up every other request. Whatever
 * comes while the queue is full is refused with `ServiceUnavailableError`, before any work and whoever it is for (S1).
 * @param cost the usual one, by which the length of the queue is measured.
 */
export function createBcryptPool(cost: number): BcryptPool {
  const mostWaiting = MOST_THREADS * waitingPerThread(cost)
  const pool = new Piscina({
    filename: new URL('./bcrypt-worker.mjs', import.meta.url).href,
    minThreads: 1,
    maxThreads: MOST_THREADS,
    idleTimeout: IDLE_MS,
  })

  async function run<T>(name: 'hash' | 'compare', job: object): Promise<T> {
    if (pool.queueSize >= mostWaiting) {
      throw new ServiceUnavailableError(new Error(`${mostWaiting} passwords are waiting for a thread already.`))
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
 * About ten seconds of work: a quarter of a second each at cost 12, half or twice as much with each step. Whoever came
 * behind would have given up before the turn came, and the threads would work for nobody.
 */
function waitingPerThread(cost: number): number {
  return Math.ceil(40 * 2 ** (12 - cost))
}
