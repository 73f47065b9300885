import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, constants, getPriority, platform } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, it } from '@jest/globals'
import { createPasswordHasher } from '../core/password/password-hasher.ts'
import { createBcryptPool } from './bcrypt-pool.ts'

const onLinux = platform() === 'linux' ? it : it.skip
onLinux('S21: gives its threads, and no others, a lower priority than requests have', async () => {
  const [priority, before] = [getPriority(), lowThreads()]
  const pool = createBcryptPool(rethrow)
  await pool.hash('a prepared password', 4)
  expect(lowThreads()).toBe(before + 1)
  expect(getPriority()).toBe(priority)
  await pool.close()
})

it('S21: reuses its threads for the next burst of sign-ins', async () => {
  const before = threadsEverStarted()
  const pool = createBcryptPool(rethrow)
  for (let burst = 0; burst < 8; burst += 1) {
    await Promise.all(Array.from({ length: 8 }, () => pool.hash('a prepared password', 4)))
    await sleep(10) // enough time for threads that exit when idle to do so
  }
  await pool.close()
  expect(threadsEverStarted() - before - 1).toBeLessThanOrEqual(availableParallelism())
})

it('S1, S21: sheds checks that have waited too long, for known and unknown accounts alike, and recovers', async () => {
  const maxThreads = Math.min(4, availableParallelism())
  const pool = createBcryptPool(rethrow, { maxWaitMs: 1 })
  const passwords = createPasswordHasher(pool, { cost: 8, highestStored: null })
  const hash = await passwords.hash('right')
  const checks = await Promise.allSettled(
    Array.from({ length: 24 * maxThreads }, (_, i) => passwords.verify('right', i % 2 === 0 ? hash : null)),
  )
  const codes = checks.map((check) => (check.status === 'rejected' ? check.reason.code : 'done'))
  expect(codes.slice(0, maxThreads)).toEqual(Array(maxThreads).fill('done'))
  const shed = codes.slice(2 * maxThreads)
  expect(new Set(shed.filter((_, i) => i % 2 === 0))).toEqual(new Set(['SERVICE_UNAVAILABLE']))
  expect(new Set(shed.filter((_, i) => i % 2 === 1))).toEqual(new Set(['SERVICE_UNAVAILABLE']))
  expect(pool.waiting()).toBe(0)
  expect(await passwords.verify('right', hash)).toMatchObject({ matches: true })
  await pool.close()
})

it('S21: sheds a flood at once instead of queueing it, and lets the event loop run meanwhile', async () => {
  const reasons: string[] = []
  const pool = createBcryptPool(rethrow, { maxWaitMs: 200, onShed: (reason) => reasons.push(reason) })
  await pool.hash('a prepared password', 10) // from now on, the pool knows how long a password takes
  let settled = 0
  const flood = Array.from({ length: 2_000 }, () =>
    pool
      .hash('a prepared password', 10)
      .catch(() => {})
      .finally(() => {
        settled += 1
      }),
  )
  const longest = pool.waiting()
  await Promise.resolve()
  let turns = 0
  while (settled < flood.length) {
    turns += 1
    await new Promise(setImmediate)
  }
  expect(longest).toBeLessThan(flood.length / 2)
  expect(reasons.length).toBeGreaterThan(flood.length / 2)
  // Hashing in this thread would leave no more turns than there are passwords that were hashed.
  expect(turns).toBeGreaterThan(flood.length - reasons.length)
  expect(pool.waiting()).toBe(0)
  await pool.close()
})

it('S21: replaces a thread that failed while it was idle', async () => {
  const started: Worker[] = []
  const onThread = (message: unknown) => started.push((message as { worker: Worker }).worker)
  subscribe('worker_threads', onThread)
  const errors: unknown[] = []
  const pool = createBcryptPool((error) => errors.push(error))
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

/** How many threads of this process have the priority of bcrypt. */
function lowThreads(): number {
  const niceValues = readdirSync('/proc/self/task').map((thread) => {
    const [, fields = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')
    return Number(fields.split(' ')[16])
  })
  return niceValues.filter((nice) => nice === constants.priority.PRIORITY_BELOW_NORMAL).length
}
