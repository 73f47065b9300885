import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { operations, refusal } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

const STRANGERS = 40

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ PASSWORD_COST: '10', LOG_LEVEL: 'warn' })
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

it('S21: hashes no password for clients that have disconnected', async () => {
  const [working, gone] = [new AbortController(), new AbortController()]
  const signIn = (index: number, signal: AbortSignal) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: operations.login,
        variables: { input: { email: `nobody-${index}@example.com`, password: 'wrong' } },
      }),
      signal,
    }).then(
      ({ status }) => status,
      () => 'aborted',
    )
  const before = await read('passwords_shed_total{reason="disconnected"}')
  const first = Array.from({ length: 10 }, (_, i) => signIn(i, working.signal))
  await until(async () => (await read('passwords_waiting')) >= 4)
  const second = Array.from({ length: STRANGERS }, (_, i) => signIn(i, gone.signal))
  await until(async () => (await read('passwords_waiting')) >= STRANGERS / 2)
  gone.abort()
  expect(await Promise.all(second)).toContain('aborted')
  await until(async () => (await read('passwords_shed_total{reason="disconnected"}')) - before >= STRANGERS / 4)
  expect(await Promise.all(first)).toEqual(Array(10).fill(200))
  expect(await read('passwords_waiting')).toBe(0)
  expect(server.logLines.filter((line) => line.includes('operation failed'))).toEqual([])
})

it('S21: changes the password of a signed-in user while strangers fill the queue', async () => {
  const person = somebody()
  const { accessToken } = await server.client().register(person)
  let answered = 0
  const strangers = Array.from({ length: STRANGERS }, (_, i) =>
    server
      .client()
      .send(operations.login, { input: { email: `stranger-${i}@example.com`, password: 'wrong' } })
      .finally(() => {
        answered += 1
      }),
  )
  await until(async () => (await read('passwords_waiting')) >= STRANGERS / 2)
  const changed = await server
    .client()
    .send(changePassword, { from: person.password, to: 'another long password' }, accessToken)
  expect(refusal(changed)).toBeUndefined()
  expect(answered).toBeLessThan(STRANGERS)
  await Promise.all(strangers)
})
