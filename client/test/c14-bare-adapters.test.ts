import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'

const ENTRY = `
  import { ApolloClient, from, gql, HttpLink, InMemoryCache } from '@apollo/client/core/index.js'
  import { createSession, memoryStorage } from './src/session/index.ts'
  import { silentRefreshFetch } from './src/fetch/silent-refresh-fetch.ts'
  import { silentRefreshLink } from './src/apollo/silent-refresh-link.ts'
  import { silentRefreshSocket } from './src/graphql-ws/silent-refresh-socket.ts'

  let refreshes = 0
  let skippedMs = 0
  const grant = () => ({ accessToken: 'access-' + refreshes, accessTokenExpiresIn: 60, userId: 'ada' })
  const session = createSession({
    transport: { refresh: async () => (refreshes++, grant()) },
    storage: memoryStorage(),
    clock: { now: () => skippedMs, setTimer: (task, ms) => { const timer = setTimeout(task, ms); return () => clearTimeout(timer) } },
  })
  const tokens = []

  /** The part of fetch that such runtimes have. */
  async function plainFetch(url, { headers = {} } = {}) {
    const authorization = headers.authorization ?? headers.get?.('authorization')
    tokens.push(authorization)
    const status = authorization === 'Bearer access-1' ? 200 : 401
    const body = status === 401 ? { errors: [{ message: 'Refused', extensions: { code: 'UNAUTHENTICATED' } }] }
      : { data: { me: { __typename: 'User', id: 'ada' } } }
    const type = { get: (name) => (name === 'content-type' ? 'application/json' : null) }
    const response = { status, url, ok: status === 200, headers: type, text: async () => JSON.stringify(body) }
    response.clone = () => response
    return response
  }

  const ways = {
    async fetch() {
      const send = silentRefreshFetch(session, plainFetch)
      const response = await send('/rest', { method: 'POST', headers: { Authorization: 'old', 'X-Own': 'kept' }, body: {} })
      return response.status
    },
    async apollo() {
      const link = from([silentRefreshLink(session), new HttpLink({ uri: '/graphql', fetch: plainFetch })])
      const client = new ApolloClient({ cache: new InMemoryCache(), link })
      return (await client.query({ query: gql('{ me { id } }') })).data.me.id
    },
    async socket() {
      const options = silentRefreshSocket(session, { url: 'ws://api.example' })
      await options.url()
      return (await options.connectionParams()).authorization
    },
  }

  export async function run(way) {
    await session.accept(grant())
    skippedMs = 30_000
    const result = await ways[way]()
    session.dispose()
    return { result, tokens }
  }
`

/** What React Native and jsdom without polyfills have beside the language itself. */
const SHAPES = {
  'React Native': { AbortController, Headers, setTimeout, clearTimeout, queueMicrotask, console },
  'jest-jsdom': { AbortController, setTimeout, clearTimeout, queueMicrotask, console },
}

describe.each(Object.entries(SHAPES))('a runtime like %s', (_, globals) => {
  let code: string

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: ENTRY, resolveDir: `${import.meta.dirname}/..`, loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'bare',
      mainFields: ['module', 'main'],
      define: { 'process.env.NODE_ENV': '"production"', 'globalThis.__DEV__': 'false' },
      logLevel: 'error',
    })
    code = outputFiles[0]?.text ?? ''
  })

  it.each([
    ['fetch', { result: 200, tokens: ['Bearer access-0', 'Bearer access-1'] }],
    ['apollo', { result: 'ada', tokens: ['Bearer access-0', 'Bearer access-1'] }],
    ['socket', { result: 'Bearer access-0', tokens: [] }],
  ])('C10: a refusal leads to a refresh and a replay through %s', async (way, expected) => {
    const result: unknown = await runInNewContext(`${code}; bare.run('${way}')`, { ...globals })
    expect(JSON.parse(JSON.stringify(result))).toEqual(expected)
  })
})
