import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { silentRefreshFetch } from '../src/fetch/silent-refresh-fetch.ts'
import { createSession, type GraphqlTransportOptions, graphqlTransport, type Session } from '../src/index.ts'
import { bundleApollo } from './support/graphql-clients.ts'

const API = 'https://api.example/graphql'
const FILES = 'https://files.example/v1'
const LOGIN = 'mutation SignIn { login { accessToken } }'
const ME = '{ me { id } }'
const GRANT = { accessToken: 'a', accessTokenExpiresIn: 60, userId: 'ada' }

describe('C17: one option sends cookies to the server of a session', () => {
  const platformFetch = globalThis.fetch
  /** What reached the network: each URL with its `credentials`. */
  let sent: [url: string, credentials: RequestCredentials | undefined][]
  let session: Session

  beforeEach(() => {
    sent = []
    globalThis.fetch = async (input, init) => {
      const request = input instanceof Request ? input : undefined
      sent.push([request?.url ?? String(input), init?.credentials ?? request?.credentials])
      const payload = { accessToken: 'b', accessTokenExpiresIn: 60, refreshToken: null, user: { id: 'ada' } }
      return Response.json({ data: { me: { id: 'ada' }, login: payload, refreshToken: payload, logout: true } })
    }
  })
  afterEach(() => {
    session.dispose()
    globalThis.fetch = platformFetch
  })

  async function start(options: Partial<GraphqlTransportOptions> = { credentials: 'include' }): Promise<void> {
    session = createSession({ transport: graphqlTransport({ url: API, resourceServers: [FILES], ...options }) })
    await session.accept(GRANT)
    // Without a hint that can be read, the sign-in is checked with a refresh.
    await session.getAccessToken({ failed: 'a', reason: 'TOKEN_EXPIRED' })
  }
  const post = (query: string): RequestInit => ({ method: 'POST', body: JSON.stringify({ query }) })

  it('C17: the session’s own requests have them', async () => {
    await start()
    await session.signOut()
    expect(sent).toEqual(Array(sent.length).fill([API, 'include']))
    expect(sent.length).toBeGreaterThanOrEqual(2)
  })

  describe('silentRefreshFetch', () => {
    it.each([
      ['an operation', API, post(ME), 'include'],
      ['a sign-in', API, post(LOGIN), 'include'],
      ['REST on the same origin', 'https://API.example:443/rest', undefined, 'include'],
      ['a resource server', `${FILES}/1`, undefined, undefined],
      ['a request that says what it wants', API, { ...post(ME), credentials: 'omit' as const }, 'omit'],
    ])('C17: %s', async (_, url, init, credentials) => {
      await start()
      sent.length = 0
      await silentRefreshFetch(session)(url, init)
      expect(sent).toEqual([[url, credentials]])
    })

    it('C17: a Request, unless it says that it wants none', async () => {
      await start()
      sent.length = 0
      const send = silentRefreshFetch(session)
      await send(new Request(API, post(LOGIN)))
      await send(new Request(API, { ...post(ME), credentials: 'omit' }))
      await send(new Request(API, post(ME)), { credentials: 'same-origin' })
      expect(sent.map(([, credentials]) => credentials)).toEqual(['include', 'omit', 'same-origin'])
    })

    it('C17: a sign-in while nobody is signed in', async () => {
      session = createSession({ transport: graphqlTransport({ url: API, credentials: 'include' }) })
      await silentRefreshFetch(session)(API, post(LOGIN))
      await silentRefreshFetch(session, fetch, { isPublic: () => true })('https://other.example/', post(LOGIN))
      expect(sent).toEqual([
        [API, 'include'],
        ['https://other.example/', undefined],
      ])
    })

    it.each([
      ['by default', {}],
      ['if the app says same-origin', { credentials: 'same-origin' as const }],
      ['with the body transport', { credentials: 'include' as const, tokenTransport: 'BODY' as const }],
    ])('C17: nothing is set %s', async (_, options) => {
      session = createSession({ transport: graphqlTransport({ url: API, ...options }) })
      await session.accept({ ...GRANT, refreshToken: 'r' })
      sent.length = 0
      await silentRefreshFetch(session)(API, post(ME))
      await silentRefreshFetch(session)(API, post(LOGIN))
      expect(sent).toEqual([
        [API, undefined],
        [API, undefined],
      ])
    })

    it('C17: a transport of one’s own names its credentials, and its server', async () => {
      const refresh = async () => ({ ...GRANT, refreshToken: null })
      session = createSession({ transport: { url: API, credentials: 'include', refresh } })
      await session.accept(GRANT)
      await silentRefreshFetch(session)('https://api.example/rest')
      expect(sent).toEqual([['https://api.example/rest', 'include']])
      expect(session.credentialsFor('https://other.example/')).toBeUndefined()
    })
  })

  describe.each(['@apollo/client', 'apollo-client-4'])('the link with %s', (version) => {
    // biome-ignore lint/suspicious/noExplicitAny: one of two versions with different types
    let apollo: any
    beforeAll(async () => {
      apollo = await bundleApollo(version)
    })

    /** Sends one operation through the link. @returns where it went, and with which credentials */
    async function operate(query: string, context: object = {}, httpLink: object = {}) {
      const { ApolloClient, HttpLink, InMemoryCache, from, gql, silentRefreshLink } = apollo
      const links = [silentRefreshLink(session), new HttpLink({ uri: API, ...httpLink })]
      const client = new ApolloClient({ cache: new InMemoryCache(), link: from(links) })
      sent.length = 0
      const document = gql(query)
      await (query === LOGIN
        ? client.mutate({ mutation: document, context })
        : client.query({ query: document, context }))
      return sent
    }

    it('C17: operations and sign-ins, whatever the HttpLink says', async () => {
      await start()
      expect(await operate(ME)).toEqual([[API, 'include']])
      expect(await operate(LOGIN)).toEqual([[API, 'include']])
      expect(await operate(ME, {}, { credentials: 'same-origin' })).toEqual([[API, 'include']])
    })

    it('C17: the context of an operation takes precedence', async () => {
      await start()
      expect(await operate(ME, { credentials: 'omit' })).toEqual([[API, 'omit']])
      expect(await operate(LOGIN, { fetchOptions: { credentials: 'omit' } })).toEqual([[API, 'omit']])
      expect(await operate(ME, { uri: `${FILES}/graphql` })).toEqual([[`${FILES}/graphql`, undefined]])
    })

    it('C17: without the option, the HttpLink decides', async () => {
      await start({})
      expect(await operate(ME)).toEqual([[API, undefined]])
      expect(await operate(LOGIN, {}, { credentials: 'include' })).toEqual([[API, 'include']])
    })
  })
})
