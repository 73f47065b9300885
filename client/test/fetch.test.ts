import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { silentRefreshFetch } from '../src/fetch/silent-refresh-fetch.ts'
import {
  createSession,
  grantFromAuthPayload,
  graphqlTransport,
  type Session,
  type TimedSessionEvent,
} from '../src/index.ts'
import { HttpServer } from './support/http-server.ts'
import { settle } from './support/virtual-clock.ts'

const JSON_BODY = { 'content-type': 'application/json' }
const graphql = (query: string, more: object = {}): RequestInit => ({
  method: 'POST',
  headers: JSON_BODY,
  body: JSON.stringify({ query, ...more }),
})

describe('the fetch adapter: uploads, streams, batches and Requests', () => {
  let server: HttpServer
  let url: string
  let session: Session
  let events: TimedSessionEvent[]
  let send: typeof fetch

  beforeEach(async () => {
    server = new HttpServer()
    url = await server.listen()
    session = createSession({ transport: graphqlTransport({ url, tokenTransport: 'BODY' }) })
    events = []
    session.events.subscribe((event) => events.push(event))
    await session.accept(grantFromAuthPayload(server.signIn()))
    send = silentRefreshFetch(session)
  })
  afterEach(async () => {
    session.dispose()
    await server.close()
  })

  const said = (type: TimedSessionEvent['type']) => events.filter((event) => event.type === type)

  it.each([
    ['text', () => 'hello'],
    ['a Blob', () => new Blob(['hello'])],
    ['bytes', () => new TextEncoder().encode('hello')],
    ['URLSearchParams', () => new URLSearchParams({ hello: '' })],
  ])('C4: resends an upload of %s in full at expiry', async (_, body) => {
    server.expire()
    const response = await send(url, { method: 'POST', body: body() })
    expect(await response.text()).toBe('kept')
    expect(server.uploads).toEqual([expect.stringContaining('hello')])
    expect(server.refreshes).toBe(1)
  })

  it('C4: resends a form with a file in full at expiry', async () => {
    server.expire()
    const form = new FormData()
    form.set('map', '{}')
    form.set('file', new File(['cat'], 'cat.png'))
    expect((await send(url, { method: 'POST', body: form })).status).toBe(200)
    expect(server.uploads).toHaveLength(1)
    expect(server.uploads[0]).toMatch(/cat\.png[\s\S]*cat/)
  })

  it.each([
    ['a web stream', () => new Blob(['hello']).stream()],
    ['a Node stream', () => Readable.from(['hello'])],
  ])('C4: reports that %s cannot be resent, and has a valid token for the next upload', async (_, stream) => {
    server.expire()
    const upload = (): Promise<Response> =>
      send(url, { method: 'POST', body: stream() as unknown as ReadableStream, duplex: 'half' } as RequestInit)
    expect((await upload()).status).toBe(401)
    expect(said('notReplayed')).toEqual([expect.objectContaining({ why: 'stream' })])
    expect((await upload()).status).toBe(200)
    expect(server.uploads).toEqual(['hello'])
    expect(server.refreshes).toBe(1)
  })

  it('C10: resends a Request in full, with its own headers and body', async () => {
    server.expire()
    const request = new Request(url, { ...graphql('{ me { id } }'), headers: { ...JSON_BODY, 'x-own': 'kept' } })
    const response = await send(request)
    expect(await response.json()).toEqual({ data: { me: { id: 'ada' } } })
    expect(server.refreshes).toBe(1)
  })

  it('C10: resends a Request of a foreign class in full (a polyfill, another realm)', async () => {
    server.expire()
    const { Request: Platforms } = globalThis
    const request = new Request(url, { ...graphql('{ me { id } }'), headers: { ...JSON_BODY, 'x-own': 'kept' } })
    const sent: Headers[] = []
    const answer: typeof fetch = (input, init) => {
      sent.push(new Headers(init?.headers))
      return fetch(input, init)
    }
    try {
      Reflect.deleteProperty(globalThis, 'Request')
      const response = await silentRefreshFetch(session, answer)(request)
      expect(await response.json()).toEqual({ data: { me: { id: 'ada' } } })
    } finally {
      globalThis.Request = Platforms
    }
    expect(sent.map((headers) => headers.get('x-own'))).toEqual(['kept', 'kept'])
  })

  it('C9: the caller’s AbortSignal aborts the wait and the request', async () => {
    const abort = new AbortController()
    server.gate = new Promise(() => {})
    const flying = send(url, { ...graphql('{ me { id } }'), signal: abort.signal })
    while (server.count('me') < 1) await settle()
    abort.abort(new Error('changed my mind'))
    await expect(flying).rejects.toThrow('changed my mind')

    server.gate = Promise.resolve()
    server.refreshGate = new Promise(() => {})
    server.expire()
    const leaving = new AbortController()
    const waiting = send(new Request(url, { ...graphql('{ me { id } }'), signal: leaving.signal }))
    while (server.refreshes < 1) await settle()
    leaving.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    expect(server.count('me')).toBe(2)
  })

  it('C10: does not read an answer that is not JSON, so that streams arrive chunk by chunk', async () => {
    let pieces!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        pieces = controller
      },
    })
    const stream = new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const response = await silentRefreshFetch(session, async () => stream)(url)
    expect(response).toBe(stream)
    pieces.enqueue(new TextEncoder().encode('UNAUTHENTICATED is only a word here'))
    const { value } = (await response.body?.getReader().read()) ?? {}
    expect(new TextDecoder().decode(value)).toContain('only a word')
    expect(server.refreshes).toBe(0)
  })

  it.each([
    'mutation { increment guarded }',
    '# a comment\nmutation Named { increment guarded }',
    'fragment F on User { id } mutation Late { increment guarded }',
    'query Other { serverTime } mutation Chosen { increment guarded }',
  ])('C4: does not resend a mutation that has run in part, however it is written: %s', async (query) => {
    const { fetch: answer, calls } = partial()
    await silentRefreshFetch(session, answer)(url, graphql(query))
    expect(calls()).toBe(1)
    expect(said('notReplayed')).toEqual([expect.objectContaining({ why: 'didRun' })])
  })

  it('C4, C10: resends a batch that was refused, but not one that has run in part', async () => {
    const refused = { data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }
    for (const [first, calls] of [
      [refused, 2],
      [{ data: { increment: 1 } }, 1],
    ] as const) {
      let count = 0
      const answer = async () => Response.json(++count && [first, refused])
      await silentRefreshFetch(session, answer)(url, { method: 'POST', body: '[{}, {}]' })
      expect(count).toBe(calls)
    }
  })

  it('C4: does not resend an upload with unknown effects after partial data', async () => {
    const { fetch: answer, calls } = partial()
    await silentRefreshFetch(session, answer)(url, { method: 'POST', body: new FormData() })
    expect(calls()).toBe(1)
  })

  it.each<[string, (to: string) => Parameters<typeof fetch>]>([
    ['a URL', (to) => [to]],
    ['a Request', (to) => [new Request(to)]],
    ['a method', (to) => [to, { method: 'get' }]],
  ])('C4, C10: resends a GET after partial data, because it changes nothing: %s', async (_, request) => {
    const { fetch: answer, calls } = partial()
    await silentRefreshFetch(session, answer)(...request(`${url}?query={increment guarded}`))
    expect(calls()).toBe(2)
  })

  it('C4: resends a query after partial data, even if a field, a variable or a string in it is named mutation', async () => {
    const { fetch: answer, calls } = partial()
    const query = 'query mutation($mutation: In = { mutation: 1 }) { mutation(text: "mutation {") { mutation } }'
    await silentRefreshFetch(session, answer)(url, graphql(query))
    expect(calls()).toBe(2)
  })

  /** A server that always answers with partial data and UNAUTHENTICATED. */
  function partial() {
    let count = 0
    const body = { data: { increment: 1, guarded: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }
    return { calls: () => count, fetch: async () => Response.json(++count && body) }
  }

  it.each([
    ['mutation { login(password: "right") { accessToken } }', true],
    ['mutation In($p: String! = "x") { a: login(password: $p) { accessToken } }', true],
    ['mutation { login(password: "right") { ...P } } fragment P on AuthPayload { accessToken }', true],
    ['fragment P on AuthPayload { accessToken } mutation { login(password: "right") { ...P } }', true],
    ['query { serverTime ...F } fragment F on Query { me { id } }', false],
    ['mutation { login(password: "right") { accessToken } increment }', false],
    ['query A { logout } query B { me { id } }', false],
  ])('C10: tells from the root fields whether an operation is public: %s', async (query, isPublic) => {
    const seen: (string | null)[] = []
    const answer: typeof fetch = async (_, init) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return Response.json({ data: {} })
    }
    await silentRefreshFetch(session, answer)(url, graphql(query))
    expect(seen).toEqual([isPublic ? null : expect.stringMatching(/^Bearer access-/)])
  })

  it('C10: lets the caller decide what is public', async () => {
    const asked: unknown[] = []
    const isPublic = (to: string): boolean => {
      asked.push(to)
      return to.endsWith('/graphql')
    }
    const response = await silentRefreshFetch(session, fetch, { isPublic })(url, graphql('{ me { id } }'))
    expect(response.status).toBe(401)
    expect(asked).toEqual([url])
    expect(server.refreshes).toBe(0)
  })

  it.each([
    ['a URL', () => [url, graphql('{ me { id } }')] as const],
    ['a Request', () => [new Request(url, graphql('{ me { id } }'))] as const],
  ])('C8: does not send one user’s request (%s) when another user signs in first', async (_, request) => {
    const [input, init] = request()
    const asked = send(input, init)
    const signedIn = session.accept(grantFromAuthPayload(server.signIn('bob')))
    await expect(asked).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'REPLACED' })
    await signedIn
    expect(server.count('me')).toBe(0)
  })

  it('C8: withholds the answer to a replay that arrives after another user has signed in', async () => {
    let count = 0
    const answer: typeof fetch = async () => {
      if (++count === 1) return new Response(null, { status: 401 })
      await session.accept(grantFromAuthPayload(server.signIn('bob')))
      return Response.json({ data: { me: { id: 'ada' } } })
    }
    await expect(silentRefreshFetch(session, answer)(url, graphql('{ me { id } }'))).rejects.toMatchObject({
      name: 'SessionEndedError',
      reason: 'REPLACED',
    })
  })
})
