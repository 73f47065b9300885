import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import type { Tokens } from './support/test-client.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'
import { until } from './support/until.ts'

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer()
  other = await startTestServer({}, { beside: server })
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})

const nameOn = async (instance: TestServer, { accessToken }: Tokens) =>
  (await instance.client().me(accessToken)).body.data?.me.username

const rename = (tokens: Tokens, username: string) =>
  server.dataSource.query('UPDATE users SET username = $2 WHERE id = $1', [tokens.user.id, username])

const isReady = async (instance: TestServer) => (await fetch(`${instance.url}/readyz`)).status === 200

it('S15: `me` reads the user once, and then needs no statement', async () => {
  const tokens = await server.client().register(somebody())
  const statements = () => server.statements.length
  await nameOn(server, tokens)
  const before = statements()
  for (let i = 0; i < 5; i += 1) expect(await nameOn(server, tokens)).toBe(tokens.user.username)
  expect(statements()).toBe(before)
})

it('S15: `me` shows a change of the row on every instance, whichever statement makes it', async () => {
  const tokens = await server.client().register(somebody())
  for (const instance of [server, other]) expect(await nameOn(instance, tokens)).toBe(tokens.user.username)
  await rename(tokens, 'Renamed')
  for (const instance of [server, other]) await until(async () => (await nameOn(instance, tokens)) === 'Renamed')
})

it('S15: `me` shows a change that was made while the feed was lost', async () => {
  const tokens = await server.client().register(somebody())
  for (const instance of [server, other]) await nameOn(instance, tokens)
  await server.database.cutFeeds()
  await rename(tokens, 'Changed unheard')
  for (const instance of [server, other]) {
    await until(() => isReady(instance))
    await until(async () => (await nameOn(instance, tokens)) === 'Changed unheard')
  }
})

it('S15: `me` shows new rights after the refresh that they require', async () => {
  const client = server.client()
  const tokens = await client.register(somebody())
  await nameOn(server, tokens)
  await server.dataSource.query(`UPDATE users SET role = 'ADMIN' WHERE id = $1`, [tokens.user.id])
  const { accessToken } = await client.refresh(tokens.refreshToken)
  const { body } = await client.send('{ me { role } }', {}, accessToken)
  expect(body.data?.me.role).toBe('ADMIN')
})
