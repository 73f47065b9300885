import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, it } from '@jest/globals'
import { createPasswordHasher } from '../core/password/password-hasher.ts'
import { createBcryptPool } from './bcrypt-pool.ts'

it('S21: reuses its threads for the next burst of sign-ins', async () => {
  const before = threadsEverStarted()
  const pool = createBcryptPool(4, rethrow)
  for (let burst = 0; burst < 8; burst += 1) {
    await Promise.all(Array.from({ length: 8 }, () => pool.hash('a prepared password', 4)))
    await sleep(10) // enough time for threads that exit when idle to do so
  }
  await pool.close()
  expect(threadsEverStarted() - before - 1).toBeLessThanOrEqual(availableParallelism())
})

it('S1, S21: rejects checks while the queue is full, for known and unknown accounts alike, and recovers', async () => {
  const pool = createBcryptPool(15, rethrow) // this cost means a short queue; the hashes themselves are quick
  const passwords = await createPasswordHasher(pool, 4)
  const hash = await passwords.hash('right')
  const maxThreads = Math.min(4, availableParallelism())
  const together = 12 * maxThreads // per thread one running and five waiting, and as many again
  const checks = await Promise.allSettled(
    Array.from({ length: together }, (_, i) => passwords.verify('right', i % 2 === 0 ? hash : null)),
  )
  const codes = checks.map((check) => (check.status === 'rejected' ? check.reason.code : 'done'))
  expect(new Set(codes.filter((_, i) => i % 2 === 0))).toEqual(new Set(['done', 'SERVICE_UNAVAILABLE']))
  expect(new Set(codes.filter((_, i) => i % 2 === 1))).toEqual(new Set(['done', 'SERVICE_UNAVAILABLE']))
  expect(codes.filter((code) => code === 'done').length).toBeGreaterThanOrEqual(5 * maxThreads)
  expect(pool.waiting()).toBe(0)
  expect(await passwords.verify('right', hash)).toMatchObject({ matches: true })
  await pool.close()
})

it('S21: replaces a thread that failed while it was idle', async () => {
  const started: Worker[] = []
  const onThread = (message: unknown) => started.push((message as { worker: Worker }).worker)
  subscribe('worker_threads', onThread)
  const errors: unknown[] = []
  const pool = createBcryptPool(4, (error) => errors.push(error))
  try {
    await pool.hash('a prepared password', 4)
    const failure = new Error('The thread has run out of memory.')
    for (const worker of started) worker.emit('error', failure)
    expect(errors).toContain(failure)
    expect(await pool.hash('a prepared password', 4)).toMatch(/^\$2/)
  } finally {
    unsubscribe('worker_threads', onThread)
    await pool.close()
  }
})

function rethrow(error: unknown): never {
  throw error
}

/** Thread ids count up, so the id of a new thread tells how many have started, including itself. */
function threadsEverStarted(): number {
  const worker = new Worker('', { eval: true })
  return worker.threadId
}
