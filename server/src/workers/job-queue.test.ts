import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import type { ShedReason } from '../core/observer.ts'
import { createJobQueue, type JobQueue } from './job-queue.ts'

/** A queue with one thread, what started and was shed, and a way to finish the running job. */
function oneThread(maxWaitMs = 60_000) {
  const started: string[] = []
  const shed: ShedReason[] = []
  let finish = () => {}
  let nowMs = 0
  const queue = createJobQueue({ maxThreads: 1, maxWaitMs, onShed: (reason) => shed.push(reason), now: () => nowMs })
  const add = (name: string, options?: Parameters<JobQueue['run']>[1]) =>
    queue
      .run(() => {
        started.push(name)
        return new Promise<void>((done) => {
          finish = done
        })
      }, options)
      .then(
        () => 'done',
        (error) => error.code,
      )
  /** Finishes the running job, and any that start afterwards, until none is left. */
  async function finishAll(): Promise<void> {
    for (let count = -1; count < started.length; await sleep(0)) {
      count = started.length
      finish()
      await sleep(0)
    }
  }
  /** Finishes the running job, which took so long. */
  function finishAfter(tookMs: number): void {
    nowMs += tookMs
    finish()
  }
  return { queue, started, shed, add, finishAfter, finishAll }
}

it('S21: starts jobs in order of arrival, and those of signed-in users and others in turn', async () => {
  const { queue, started, add, finishAll } = oneThread()
  const jobs = [
    ...['a', 'b', 'c'].map((name) => add(name)),
    ...['first', 'second'].map((name) => add(name, { isUrgent: true })),
  ]
  expect(queue.waiting()).toBe(4)
  await finishAll()
  expect(await Promise.all(jobs)).toEqual(Array(5).fill('done'))
  expect(started).toEqual(['a', 'first', 'b', 'second', 'c'])
  expect(queue.waiting()).toBe(0)
})

it('S21: sheds a job at once when the measured work ahead of it is too long, but not that of a signed-in user', async () => {
  const { queue, started, shed, add, finishAfter, finishAll } = oneThread()
  const measured = add('measured')
  await sleep(0)
  finishAfter(40_000)
  await measured
  const jobs = ['running', 'next', 'behind', 'too far back'].map((name) => add(name))
  expect(await jobs[3]).toBe('SERVICE_UNAVAILABLE')
  expect(() => queue.requireRoom()).toThrow(expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }))
  queue.requireRoom({ isUrgent: true })
  const urgent = add('urgent', { isUrgent: true })
  await finishAll()
  expect(await urgent).toBe('done')
  expect(started).toEqual(['measured', 'running', 'urgent', 'next', 'behind'])
  expect(shed).toEqual(['queue_full', 'queue_full'])
})

it('S21: a flood of urgent jobs keeps no others from being done', async () => {
  const { started, add, finishAll } = oneThread()
  const jobs = [add('running'), ...Array.from({ length: 50 }, () => add('urgent', { isUrgent: true })), add('other')]
  await finishAll()
  await Promise.all(jobs)
  expect(started.indexOf('other')).toBe(2)
})

it('S21: sheds a job that has waited too long, and accepts the next one after a slow one', async () => {
  const { started, shed, add, finishAll } = oneThread(1)
  const slow = add('slow')
  expect(await add('late')).toBe('SERVICE_UNAVAILABLE')
  await finishAll()
  expect(await slow).toBe('done')
  const next = add('next')
  await finishAll()
  expect(await next).toBe('done')
  expect(started).toEqual(['slow', 'next'])
  expect(shed).toEqual(['waited_too_long'])
})

it('S21: removes a job whose client has disconnected, whether before or while it waits', async () => {
  const { queue, started, shed, add, finishAll } = oneThread()
  const client = new AbortController()
  const running = add('running', { signal: client.signal })
  const waiting = add('waiting', { signal: client.signal })
  const aborted = once(client.signal, 'abort')
  client.abort()
  await aborted
  const late = add('late', { signal: client.signal })
  expect([await waiting, await late]).toEqual(['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE'])
  expect(queue.waiting()).toBe(0)
  await finishAll()
  expect(await running).toBe('done')
  expect(started).toEqual(['running'])
  expect(shed).toEqual(['disconnected', 'disconnected'])
})

it('keeps its threads when jobs fail', async () => {
  const queue = createJobQueue({ maxThreads: 1, maxWaitMs: 60_000 })
  const failing = () => queue.run(() => Promise.reject(new Error('failed')))
  await Promise.all([failing(), failing()].map((job) => expect(job).rejects.toThrow('failed')))
  expect(await queue.run(async () => 'done')).toBe('done')
})
