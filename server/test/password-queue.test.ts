import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

// So many that some are still waiting after a few more have been hashed, on each of up to four threads.
const MAX_THREADS = Math.min(4, availableParallelism())
const ENOUGH_WAITING = 8 * MAX_THREADS

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ PASSWORD_COST: '9', LOG_LEVEL: 'warn' })
})
afterAll(() => server.stop())

async function read(metric: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`silent_refresh_${metric} `))
      ?.split(' ')[1],
  )
}

const changePassword = `mutation ($from: String!, $to: String!) { changePassword(currentPassword: $from, newPassword: $to) }`

/** A sign-in to an unknown account; resolves to the status, or `aborted`. */
const signIn = (signal?: AbortSignal) =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: operations.login,
      variables: { input: { email: 'nobody@example.com', password: 'wrong' } },
    }),
    ...(signal && { signal }),
  }).then(
    ({ status }) => status,
    () => 'aborted',
  )

/** Sends sign-ins until enough of them are waiting and none is still on its way to the queue. */
async function fillQueue(signal?: AbortSignal): Promise<Promise<unknown>[]> {
  const sent: Promise<unknown>[] = []
  let answered = 0
  const count = () => {
    answered += 1
  }
  await until(async () => {
    const waiting = await read('passwords_waiting')
    if (waiting + answered + MAX_THREADS < sent.length) return false
    if (waiting >= ENOUGH_WAITING) return true
    for (let i = 0; i < 2 * ENOUGH_WAITING; i += 1) sent.push(signIn(signal).finally(count))
    return false
  })
  return sent
}

it('S21: hashes no password for clients that have disconnected', async () => {
  const shed = 'passwords_shed_total{reason="disconnected"}'
  const before = await read(shed)
  const client = new AbortController()
  const sent = await fillQueue(client.signal)
  client.abort()
  expect(await Promise.all(sent)).toContain('aborted')
  await until(async () => (await read('passwords_waiting')) === 0)
  expect(await read(shed)).toBeGreaterThan(before)
  expect(await signIn()).toBe(200)
  // On a slow machine, some of them are refused because of the wait. Those that have disconnected are no failures.
  const failed = server.logLines.filter((line) => line.includes('operation failed'))
  expect(failed.filter((line) => !line.includes('would wait'))).toEqual([])
})

it('S21: changes the password of a signed-in user while strangers fill the queue', async () => {
  const person = somebody()
  const { accessToken } = await server.client().register(person)
  let answered = 0
  const strangers = (await fillQueue()).map((stranger) =>
    stranger.then(() => {
      answered += 1
    }),
  )
  const passwords = { from: person.password, to: 'another long password' }
  const changed = await server.client().send(changePassword, passwords, accessToken)
  expect(refusal(changed)).toBeUndefined()
  expect(answered).toBeLessThan(strangers.length)
  await Promise.all(strangers)
})
