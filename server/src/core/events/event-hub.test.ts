import { expect, it } from '@jest/globals'
import type { AccessClaims, SecurityEvent } from '../model.ts'
import { createEventHub } from './event-hub.ts'

const claims = { userId: 'ada', sessionId: 'one' } as AccessClaims

function hub(find: (id: string) => Promise<Partial<SecurityEvent> | null>, holds = async () => true) {
  const errors: unknown[] = []
  const { announce, subscribe } = createEventHub({
    find: find as (id: string) => Promise<SecurityEvent | null>,
    holds,
    onError: (error) => errors.push(error),
  })
  return {
    subscribe,
    errors,
    announce(...ids: string[]) {
      for (const id of ids) announce({ id, userId: 'ada' })
    },
  }
}

const read = async (events: AsyncIterator<SecurityEvent>) => (await events.next()).value?.id

it('S17: keeps events from before the first read, in order, however long each takes to load', async () => {
  const loading = new Map<string, (event: object) => void>()
  const { announce, subscribe } = hub((id) => new Promise((resolve) => loading.set(id, resolve)))
  const events = subscribe(claims)
  announce('1', '2')
  for (const id of ['2', '1']) loading.get(id)?.({ id })
  expect([await read(events), await read(events)]).toEqual(['1', '2'])
})

it('S17: skips an event that cannot be loaded or no longer exists, and reports the error', async () => {
  const { announce, subscribe, errors } = hub(async (id) => {
    if (id === '1') throw new Error('no database')
    return id === '2' ? null : { id }
  })
  const events = subscribe(claims)
  announce('1', '2', '3')
  expect(await read(events)).toBe('3')
  expect(errors).toEqual([new Error('no database')])
})

it('S17: delivers nothing to a session that has ended or whose state is unknown', async () => {
  const answers = [async () => false, async () => Promise.reject(new Error('no database')), async () => true]
  const { announce, subscribe, errors } = hub(
    async (id) => ({ id }),
    () => answers.shift()?.() ?? Promise.resolve(true),
  )
  const events = subscribe(claims)
  announce('1', '2', '3')
  expect(await read(events)).toBe('3')
  expect(errors).toHaveLength(1)
})

it('S17: drops the oldest of more than 100 unread events', async () => {
  const { announce, subscribe } = hub(async (id) => ({ id }))
  const events = subscribe(claims)
  announce(...Array.from({ length: 150 }, (_, n) => String(n)))
  expect(await read(events)).toBe('50')
})

it('S17: ends immediately, even while waiting, and then loads nothing more', async () => {
  const found: string[] = []
  const { announce, subscribe } = hub(async (id) => {
    found.push(id)
    return { id }
  })
  const events = subscribe(claims)
  const waiting = events.next()
  await events.return?.()
  expect(await waiting).toEqual({ value: undefined, done: true })
  announce('1')
  expect(found).toEqual([])
})
