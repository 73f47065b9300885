import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { silentRefreshFetch } from '../src/fetch/silent-refresh-fetch.ts'
import type { TimedSessionEvent } from '../src/index.ts'
import { AnswerServer, type AskedSession, type CannedAnswer, signedInSession } from './support/answer-server.ts'
import { bundleApollo, CLIENTS, type MakeClient } from './support/graphql-clients.ts'
import { settle } from './support/virtual-clock.ts'

const ME = { query: '{ me { id __typename } }' }
const INVALID_TOKEN = { 'www-authenticate': 'Bearer realm="api", error="invalid_token", error_description="expired"' }
const graphql = (code?: string, more: object = {}) => ({
  data: null,
  errors: [{ message: 'Refused', ...(code ? { extensions: { code, ...more } } : {}) }],
})
const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** Answers that refuse the token, and the reason that the session learns. */
const REFUSED: [string, CannedAnswer, string | undefined][] = [
  ['401 without a body', { status: 401, body: '' }, undefined],
  ['401 with a page', { status: 401, body: '<h1>Sign in</h1>', headers: { 'content-type': 'text/html' } }, undefined],
  ['401 with an error without a code', { status: 401, body: graphql() }, undefined],
  ...['TOKEN_EXPIRED', 'AUTH_NOT_AUTHENTICATED', 'AUTH_ERROR', 'UNAUTHORIZED', 'REFUSED_SOMEHOW'].map(
    (code): [string, CannedAnswer, string] => [`401 ${code}`, { status: 401, body: graphql(code) }, code],
  ),
  ['401 invalid_token in a REST body', { status: 401, body: { error: 'invalid_token' } }, 'INVALID_TOKEN'],
  ['401 with a nested REST code', { status: 401, body: { error: { code: 'token-expired' } } }, 'TOKEN_EXPIRED'],
  ...['UNAUTHENTICATED', 'invalid-jwt', 'TOKEN_EXPIRED', 'AUTH_NOT_AUTHENTICATED'].map(
    (code): [string, CannedAnswer, string] => [
      `200 ${code}`,
      { body: graphql(code) },
      code.toUpperCase().replace('-', '_'),
    ],
  ),
  [
    '200 UNAUTHENTICATED with a reason',
    { body: graphql('UNAUTHENTICATED', { reason: 'SESSION_REVOKED' }) },
    'SESSION_REVOKED',
  ],
  ['403 UNAUTHENTICATED', { status: 403, body: graphql('UNAUTHENTICATED') }, 'UNAUTHENTICATED'],
  [
    '401 in application/graphql-response+json',
    { status: 401, body: graphql('AUTH_ERROR'), headers: { 'content-type': 'application/graphql-response+json' } },
    'AUTH_ERROR',
  ],
  ['400 with WWW-Authenticate', { status: 400, body: graphql(), headers: INVALID_TOKEN }, undefined],
]

/** Answers that say something else. */
const OTHERWISE: [string, CannedAnswer][] = [
  ...['INVALID_CREDENTIALS', 'wrongPassword', 'INVALID_OTP', 'MFA_REQUIRED', 'captcha-failed', 'WRONG_PIN'].map(
    (code): [string, CannedAnswer] => [`401 ${code}`, { status: 401, body: graphql(code) }],
  ),
  ...['FORBIDDEN', 'BAD_USER_INPUT', 'RATE_LIMITED', 'CONFLICT', 'NOT_FOUND', 'access-denied'].map(
    (code): [string, CannedAnswer] => [`401 ${code}`, { status: 401, body: graphql(code) }],
  ),
  ['401 with a REST code', { status: 401, body: { code: 'WRONG_PASSWORD' } }],
  ['400 about a link that has expired', { status: 400, body: { errors: [{ code: 'TOKEN_EXPIRED' }] } }],
  ['401 with an OAuth error', { status: 401, body: { error: 'invalid_grant' } }],
  ['200 UNAUTHORIZED, which may be a missing role', { body: graphql('UNAUTHORIZED') }],
  ['200 FORBIDDEN', { body: graphql('FORBIDDEN') }],
  ['200 without a code', { body: graphql() }],
  ['403', { status: 403, body: '' }],
  ['500', { status: 500, body: graphql('INTERNAL_SERVER_ERROR') }],
]

describe.each(Object.entries(CLIENTS))('other servers, through %s', (name, load) => {
  const isApollo = name.startsWith('Apollo')
  let make: MakeClient
  let server: AnswerServer
  let url: string
  let session: AskedSession

  beforeAll(async () => {
    make = await load()
  })
  beforeEach(async () => {
    server = new AnswerServer()
    url = await server.listen()
    session = await signedInSession(url)
  })
  afterEach(async () => {
    session.dispose()
    await server.close()
  })

  const answerOnce = (first: CannedAnswer): void => {
    server.answer = () => (server.received.length === 1 ? first : {})
  }

  it.each(REFUSED)('C10: refreshes and replays after %s, and passes on the reason', async (_, answer, reason) => {
    answerOnce(answer)
    expect(await make(session, url).run(ME)).toMatchObject({ data: { me: { id: 'ada' } } })
    expect(server.tokens).toEqual(['access-0', 'access-1'])
    expect(session.asked).toEqual([reason])
  })

  it.each(OTHERWISE)('C10: sends once, without a refresh, after %s', async (_, answer) => {
    server.answer = () => answer
    expect(await make(session, url).run(ME)).not.toMatchObject({ data: expect.anything() })
    expect(server.tokens).toEqual(['access-0'])
    expect(session.asked).toEqual([])
  })

  it.each<[string, CannedAnswer, boolean, number]>([
    ['200 UNAUTHORIZED, which counts for this app', { body: graphql('UNAUTHORIZED') }, true, 2],
    ['401 AUTH_ERROR, which is something else for it', { status: 401, body: graphql('AUTH_ERROR') }, false, 1],
    ['200 UNAUTHENTICATED, which is something else for it', { body: graphql('UNAUTHENTICATED') }, false, 1],
  ])('C10: lets isUnauthenticated decide: %s', async (_, answer, verdict, times) => {
    answerOnce(answer)
    const seen: unknown[] = []
    const isUnauthenticated = (error: object): boolean => {
      seen.push(error)
      return verdict
    }
    await make(session, url, false, { isUnauthenticated }).run(ME)
    expect(server.received).toHaveLength(times)
    expect(seen).toContainEqual(expect.objectContaining({ message: 'Refused' }))
  })

  it.each([401, 200])('C10: leaves what isUnauthenticated does not know to the default: HTTP %i', async (status) => {
    answerOnce({ status, body: graphql('UNAUTHENTICATED') })
    await make(session, url, false, { isUnauthenticated: () => undefined }).run(ME)
    expect(server.received).toHaveLength(2)
  })

  if (!isApollo) return

  it('C8: sends no token to another server that the context names', async () => {
    const other = await signedInSession('http://elsewhere.example')
    const client = make(other, url)
    expect((await client.run({ ...ME, uri: url })).failure).toContain('Not our server')
    expect((await client.run({ ...ME, uri: url, isPublic: true })).data).toBeDefined()
    expect(server.tokens).toEqual([undefined])
    other.dispose()
  })

  it('C8: fails an operation that went to another server, says so once, and sends no further token', async () => {
    const warnings: string[] = []
    const { warn } = console
    console.warn = (message: string) => void warnings.push(message)
    const other = await signedInSession('http://elsewhere.example')
    try {
      const client = make(other, url)
      for (let time = 0; time < 3; time++) expect((await client.run(ME)).failure).toContain('Not our server')
      expect(client.stored()).toEqual([])
    } finally {
      console.warn = warn
      other.dispose()
    }
    expect(server.tokens).toEqual(['access-0'])
    expect(warnings).toEqual([expect.stringContaining('took the access token to another server')])
  })

  it('C8: accepts an answer after a redirect to another origin, on which the platform drops the token', async () => {
    const target = new AnswerServer()
    const to = (await target.listen()).replace('127.0.0.1', 'localhost')
    server.answer = () => ({ status: 307, headers: { location: to }, body: '' })
    expect((await make(session, url).run(ME)).data).toBeDefined()
    expect(target.tokens).toEqual([undefined])
    await target.close()
  })
})

describe.each(['@apollo/client', 'apollo-client-4'])('turns of the event loop and @defer, through %s', (version) => {
  // biome-ignore lint/suspicious/noExplicitAny: one of two versions with different types
  let library: any
  beforeAll(async () => {
    library = await bundleApollo(version)
  })

  /** Sends an operation through the link to a server that answers each attempt with some of the parts. */
  async function results(attempts: object[][]) {
    const session = await signedInSession()
    const { ApolloLink, Observable, from, gql, silentRefreshLink } = library
    let sent = 0
    let unsubscribed = 0
    const server = new ApolloLink(
      () =>
        new Observable((observer: { next(part: object): void; complete(): void }) => {
          const parts = attempts[sent++] ?? []
          void (async () => {
            for (const part of parts) {
              await settle()
              observer.next(part)
            }
            observer.complete()
          })()
          return () => {
            unsubscribed++
          }
        }),
    )
    const link = from([silentRefreshLink(session), server])
    const seen: unknown[] = []
    const query = gql('query Q { me { id ... @defer { name } } }')
    const context = { client: { cache: {}, queryManager: {} } }
    await new Promise<void>((resolve, reject) => {
      ApolloLink.execute(link, { query }, context).subscribe({
        next: (result: unknown) => seen.push(result),
        error: reject,
        complete: resolve,
      })
    })
    session.dispose()
    return { seen, sent, unsubscribed, asked: session.asked }
  }

  const errors = [{ message: 'Refused', extensions: { code: 'UNAUTHENTICATED' } }]
  const first = { data: { me: { id: 'ada' } }, hasNext: true }

  it('C10: sends an operation in the same turn when a good token is at hand', async () => {
    const session = await signedInSession()
    const { ApolloLink, Observable, from, gql, silentRefreshLink } = library
    let sent = 0
    const server = new ApolloLink(() => new Observable(() => void sent++))
    const link = from([silentRefreshLink(session), server])
    const context = { client: { cache: {}, queryManager: {} } }
    const sending = ApolloLink.execute(link, { query: gql('mutation { save }') }, context).subscribe({})
    for (let microtask = 0; microtask < 20; microtask++) await undefined
    expect(sent).toBe(1)
    sending.unsubscribe()
    session.dispose()
  })

  it.each([
    ['as an incremental part', { incremental: [{ data: null, path: ['me'], errors }], hasNext: false }],
    ['as a result', { data: null, errors, hasNext: false }],
  ])('C4: passes a refusal in a later part on, without a replay: %s', async (_, last) => {
    const { seen, sent } = await results([[first, last]])
    expect(seen).toEqual([first, last])
    expect(sent).toBe(1)
  })

  it('C4: replays a query whose first part is refused, and drops the rest of it', async () => {
    const refused = { data: { me: null }, errors, hasNext: true }
    const last = { incremental: [{ data: { name: 'Ada' }, path: ['me'] }], hasNext: false }
    const { seen, sent, unsubscribed, asked } = await results([
      [refused, { incremental: [], hasNext: false }],
      [first, last],
    ])
    expect(seen).toEqual([first, last])
    expect([sent, unsubscribed]).toEqual([2, 2])
    expect(asked).toEqual(['UNAUTHENTICATED'])
  })
})

describe('other servers, through the fetch adapter alone', () => {
  let server: AnswerServer
  let url: string
  let session: AskedSession
  let events: TimedSessionEvent[]
  let send: typeof fetch

  beforeEach(async () => {
    server = new AnswerServer()
    url = await server.listen()
    session = await signedInSession(url)
    events = []
    session.events.subscribe((event) => events.push(event))
    send = silentRefreshFetch(session)
  })
  afterEach(async () => {
    session.dispose()
    await server.close()
  })

  it.each<[string, () => Parameters<typeof fetch>]>([
    ['text', () => [url, post({ password: 'wrong' })]],
    ['a Request', () => [new Request(url, post({ password: 'wrong' }))]],
  ])('C10: sends a REST sign-in once that is refused with WRONG_PASSWORD: %s', async (_, request) => {
    server.answer = () => ({ status: 401, body: { code: 'WRONG_PASSWORD' } })
    const response = await send(...request())
    expect(await response.json()).toEqual({ code: 'WRONG_PASSWORD' })
    expect(server.received).toHaveLength(1)
  })

  it.each([
    ['true', () => true, 2],
    ['a promise of true', async (response: Response) => (await response.text()) === 'sign in', 2],
    ['false', () => false, 1],
    ['undefined', () => undefined, 2],
  ])('C10: lets isRefused decide about a 401 with %s', async (_, isRefused, times) => {
    server.answer = () => (server.received.length === 1 ? { status: 401, body: 'sign in' } : {})
    const response = await silentRefreshFetch(session, fetch, { isRefused })(url)
    expect(await response.text()).not.toBe('')
    expect(server.received).toHaveLength(times)
  })

  it('C10: lets isRefused recognise a refusal with another status, and still runs no mutation twice', async () => {
    const isRefused = ({ status }: Response): boolean => status === 440
    server.answer = () => (server.received.length % 2 ? { status: 440, body: { data: { increment: 1 } } } : {})
    const own = silentRefreshFetch(session, fetch, { isRefused })
    expect((await own(url, post({ query: '{ me { id } }' }))).status).toBe(200)
    expect((await own(url, post({ query: 'mutation { increment }' }))).status).toBe(440)
    expect(server.received).toHaveLength(3)
  })

  describe.each<[string, (body: unknown) => Parameters<typeof fetch>]>([
    ['text', (body) => [url, post(body)]],
    ['a Request', (body) => [new Request(url, post(body))]],
  ])('what is public, in %s', (kind, request) => {
    const persisted = (operationName: string) => ({
      operationName,
      extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } },
    })
    const login = { query: 'mutation { login(password: "x") { accessToken } }' }

    it.each([
      ['a persisted Login', persisted('Login')],
      ['a persisted login', persisted('login')],
      ['a persisted RefreshToken by id', { operationName: 'RefreshToken', documentId: 'x' }],
      ['a login', login],
      ['a batch of one login', [login]],
      ['a batch of public operations', [login, persisted('Logout')]],
    ])('C10: sends %s once, even if it is answered with a bare 401', async (_, body) => {
      server.answer = () => ({ status: 401, body: '' })
      await send(...request(body))
      expect(server.tokens).toEqual([kind === 'text' ? undefined : 'access-0'])
      expect(session.asked).toEqual([])
    })

    it.each([
      ['a persisted LoginHistory', persisted('LoginHistory')],
      ['an operation named Login with a document', { query: 'query Login { me { id } }', operationName: 'Login' }],
      ['a batch with one other operation', [login, { query: '{ me { id } }' }]],
      ['a batch with something unknown', [login, {}]],
      ['a REST body', { user: 'login' }],
    ])('C10: resends %s', async (_, body) => {
      server.answer = () => (server.received.length === 1 ? { status: 401, body: '' } : {})
      await send(...request(body))
      expect(server.tokens).toEqual(['access-0', 'access-1'])
      expect(server.received[1]?.body).toBe(JSON.stringify(body))
    })

    it('C10: sends a login without waiting for a refresh', async () => {
      const held = await signedInSession(url, new Promise(() => {}))
      held.getAccessToken({ failed: 'access-0' }).catch(() => {})
      await silentRefreshFetch(held)(...request(login))
      expect(server.tokens).toEqual([undefined])
      held.dispose()
    })
  })
})
