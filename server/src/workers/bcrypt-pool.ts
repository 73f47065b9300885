import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { Bcrypt } from '../session/password.ts'

/** By default a thread ends as soon as it is idle: starting one for every second sign-in costs more than the sign-in. */
const IDLE_MS = 60_000

/** bcrypt in a few threads of its own: a quarter of a second of arithmetic must not hold up every other request. */
export function createBcryptPool(): Bcrypt & { close(): Promise<void> } {
  const pool = new Piscina({
    filename: new URL('./bcrypt-worker.mjs', import.meta.url).href,
    minThreads: 1,
    maxThreads: Math.min(4, availableParallelism()),
    idleTimeout: IDLE_MS,
  })
  return {
    hash: (prepared, cost) => pool.run({ prepared, cost }, { name: 'hash' }),
    compare: (prepared, hash) => pool.run({ prepared, hash }, { name: 'compare' }),
    close: () => pool.close(),
  }
}
