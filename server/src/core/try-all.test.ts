import { expect, it } from '@jest/globals'
import { tryAll } from './try-all.ts'

it('runs the steps one after the other, also after a step that failed', async () => {
  const done: string[] = []
  const steps = [
    async () => {
      await new Promise(setImmediate)
      done.push('slow')
    },
    () => {
      throw new Error('first')
    },
    () => Promise.reject(new Error('second')),
    () => done.push('last'),
  ]
  await expect(tryAll(steps)).rejects.toMatchObject({ errors: [{ message: 'first' }, { message: 'second' }] })
  expect(done).toEqual(['slow', 'last'])
})

it('throws a single error as it is, and nothing when all steps succeed', async () => {
  const error = new Error('only')
  await expect(tryAll([() => Promise.reject(error), () => {}])).rejects.toBe(error)
  await expect(tryAll([() => {}])).resolves.toBeUndefined()
})
