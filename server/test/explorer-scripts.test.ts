import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createScriptRunner } from './support/explorers/script-runner.ts'
import { altair, apolloExplorer, hive, insomnia, postman } from './support/explorers/tools.ts'
import { somebody } from './support/people.ts'
import { startTestServer, type TestServer } from './support/test-server.ts'

/** Of an access token that lives for 20 s, the scripts use 15 s. */
const TTL_S = 20
const REFRESHED_AFTER_S = 15

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ ACCESS_TOKEN_TTL: `${TTL_S}s` })
})
afterAll(() => server.stop())

/** A server that answers each request with JSON. */
async function startFakeServer(answer: (body: string) => unknown) {
  const fake = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(await answer(await text(request))))
  })
  await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(fake.address() as AddressInfo).port}/graphql`,
    async stop() {
      fake.closeAllConnections()
      await new Promise((resolve) => fake.close(resolve))
    },
  }
}

const tools = { altair, 'apollo-explorer': apolloExplorer, hive, insomnia, postman }

describe.each(Object.entries(tools))('docs/explorers/%s.js', (_name, createTool) => {
  /** A tool with a new user in its environment. */
  async function setUp() {
    const user = somebody()
    await server.client().register(user)
    const environment: Record<string, unknown> = {
      url: `${server.url}/graphql`,
      email: user.email,
      password: user.password,
    }
    const runner = createScriptRunner(createTool(environment), server.clock.nowMs)
    return { ...runner, user }
  }

  /** Who the operation after the script runs as, or the error code. */
  async function me(authorization: string | undefined) {
    const { body } = await server.client({ authorization: authorization ?? '' }).send('{ me { email } }')
    return body.data?.me.email ?? body.errors?.[0]?.extensions.code
  }

  it('signs in once, and refreshes once per expiry', async () => {
    const { run, sent, user } = await setUp()
    const expected = ['login']
    for (let expiry = 0; expiry < 4; expiry += 1) {
      expect(await me(await run())).toBe(user.email)
      expect(await me(await run())).toBe(user.email)
      expect(sent).toEqual(expected)
      await server.clock.advance({ seconds: REFRESHED_AFTER_S })
      expected.push('refreshToken')
    }
  })

  it('refreshes after the token has expired, for example overnight', async () => {
    const { run, sent, user } = await setUp()
    const old = await run()
    await server.clock.advance({ minutes: 600 })
    expect(await me(old)).toBe('UNAUTHENTICATED')
    expect(await me(await run())).toBe(user.email)
    expect(sent).toEqual(['login', 'refreshToken'])
  })

  it('S7: keeps the session when two operations start at once and both refresh', async () => {
    const { run, sent, user } = await setUp()
    await run()
    await server.clock.advance({ seconds: TTL_S })
    const both = await Promise.all([run(), run()])
    expect(await Promise.all(both.map(me))).toEqual([user.email, user.email])
    expect(sent).toEqual(['login', 'refreshToken', 'refreshToken'])
    await server.clock.advance({ seconds: TTL_S })
    expect(await me(await run())).toBe(user.email)
    expect(sent).toEqual(['login', 'refreshToken', 'refreshToken', 'refreshToken'])
  })

  it('signs in again after the session has ended', async () => {
    const { run, sent, user } = await setUp()
    const token = (await run())?.replace('Bearer ', '')
    await server.client().logout(token)
    await server.clock.advance({ seconds: TTL_S })
    expect(await me(await run())).toBe(user.email)
    expect(sent).toEqual(['login', 'refreshToken', 'login'])
  })

  it('signs in as the user whose address is in the environment now', async () => {
    const { run, sent, environment } = await setUp()
    await run()
    const other = somebody()
    await server.client().register(other)
    Object.assign(environment, { email: other.email, password: other.password })
    expect(await me(await run())).toBe(other.email)
    expect(sent).toEqual(['login', 'login'])
  })

  it('sends the refresh token only to the server that issued it', async () => {
    const { run, sent, environment } = await setUp()
    await run()
    const bodies: string[] = []
    const elsewhere = await startFakeServer((body) => {
      bodies.push(body)
      return { data: { grant: { accessToken: 'elsewhere', accessTokenExpiresIn: TTL_S, refreshToken: 'elsewhere' } } }
    })
    const home = environment.url
    try {
      environment.url = elsewhere.url
      expect(await run()).toBe('Bearer elsewhere')
      expect(bodies).toEqual([expect.stringContaining('login(')])
      environment.url = home
      await run()
      expect(bodies).toHaveLength(1)
      expect(sent).toEqual(['login', 'login', 'login'])
    } finally {
      await elsewhere.stop()
    }
  })

  it.each([
    ['a message', { errors: [{ message: 'Bad gateway' }] }, 'Bad gateway'],
    ['an empty list of errors', { errors: [] }, 'The server did not answer with GraphQL.'],
    ['something else', { error: 'Bad gateway' }, 'The server did not answer with GraphQL.'],
  ])('keeps the session when a proxy answers the refresh with %s', async (_what, answer, message) => {
    const { run, sent, user, environment } = await setUp()
    // A proxy before the server, which passes the first request on.
    let isBroken = false
    const proxy = await startFakeServer(async (body) => {
      if (isBroken) return answer
      const headers = { 'content-type': 'application/json' }
      return (await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })).json()
    })
    try {
      environment.url = proxy.url
      await run()
      await server.clock.advance({ seconds: TTL_S })
      isBroken = true
      await expect(run()).rejects.toThrow(message)
      isBroken = false
      expect(await me(await run())).toBe(user.email)
      expect(sent).toEqual(['login', 'refreshToken', 'refreshToken'])
    } finally {
      await proxy.stop()
    }
  })

  it('shows why it could not sign in, and signs in when the password is right', async () => {
    const { run, sent, user, environment } = await setUp()
    environment.password = 'wrong'
    await expect(run()).rejects.toThrow('The email or the password is wrong.')
    environment.password = user.password
    expect(await me(await run())).toBe(user.email)
    expect(sent).toEqual(['login', 'login'])
  })

  it('keeps the session when a refresh fails for now', async () => {
    const { run, sent, user } = await setUp()
    await run()
    await server.clock.advance({ seconds: TTL_S })
    // As if the session had been refreshed as often as the limit allows.
    await server.dataSource.query(
      `UPDATE sessions SET refresh_count = 60, refresh_window_at = now()
       WHERE user_id = (SELECT id FROM users WHERE email = $1)`,
      [user.email],
    )
    await expect(run()).rejects.toThrow('Too many attempts')
    await server.clock.advance({ minutes: 1 })
    expect(await me(await run())).toBe(user.email)
    expect(sent).toEqual(['login', 'refreshToken', 'refreshToken'])
  })
})

it('asks for the password in Hive when the environment has none', async () => {
  const user = somebody()
  await server.client().register(user)
  let asked = 0
  const environment = { url: `${server.url}/graphql`, email: user.email }
  const tool = hive(environment, () => {
    asked += 1
    return user.password
  })
  const { run, sent } = createScriptRunner(tool, server.clock.nowMs)
  await run()
  await server.clock.advance({ seconds: TTL_S })
  await run()
  expect([asked, sent]).toEqual([1, ['login', 'refreshToken']])
  expect(JSON.stringify(environment)).not.toContain(user.password)
})

it('uses in Altair only what its older versions can run: ECMAScript 2019', () => {
  const script = readFileSync(join(import.meta.dirname, '../../docs/explorers/altair.js'), 'utf8')
  expect(script).not.toMatch(/\?\.[^\d]|\?\?/)
})
