import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, it } from '@jest/globals'
import { createBcryptPool } from './bcrypt-pool.ts'

it('S21: keeps its threads from one burst of sign-ins to the next', async () => {
  const before = threadsEverStarted()
  const pool = createBcryptPool()
  for (let burst = 0; burst < 8; burst += 1) {
    await Promise.all(Array.from({ length: 8 }, () => pool.hash('a prepared password', 4)))
    await sleep(10) // time enough for a thread that ends when it is idle to do so
  }
  await pool.close()
  expect(threadsEverStarted() - before - 1).toBeLessThanOrEqual(availableParallelism())
})

/** Threads are numbered as they start, this one too. */
function threadsEverStarted(): number {
  const worker = new Worker('', { eval: true })
  return worker.threadId
}
