import type { ServerResponse } from 'node:http'
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
import { AnswerServer, signedInSession } from './support/answer-server.ts'
import { HttpServer } from './support/http-server.ts'
import { settle, VirtualClock } from './support/virtual-clock.ts'

const JSON_BODY = { 'content-type': 'application/json' }
const graphql = (query: string, more: object = {}): RequestInit => ({
  method: 'POST',
  headers: JSON_BODY,
  body: JSON.stringify({ query, ...more }),
})

describe('the fetch adapter: uploads, streams, batches and Requests', () => {
  let server: HttpServer
  let url: string
  /** A resource server with canned answers. */
  let streams: AnswerServer
  let streamsUrl: string
  let session: Session
  let events: TimedSessionEvent[]
  let send: typeof fetch

  beforeEach(async () => {
    server = new HttpServer()
    url = await server.listen()
    streams = new AnswerServer()
    streamsUrl = await streams.listen()
    const clock = new VirtualClock()
    const transport = graphqlTransport({ url, tokenTransport: 'BODY', resourceServers: [streamsUrl] })
    session = createSession({ transport, clock })
    events = []
    session.events.subscribe((event) => events.push(event))
    await session.accept(grantFromAuthPayload(server.signIn()))
    // The token is not so young that its refusal would be put down to a server that does not know it yet.
    clock.sleep(60_000)
    send = silentRefreshFetch(session)
  })
  afterEach(async () => {
    session.dispose()
    await Promise.all([server.close(), streams.close()])
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

  it.each([
    'text/event-stream',
    'application/json-seq',
    'application/jsonl',
    'application/x-ndjson',
    'application/problem+json',
    'application/jsonp',
    'multipart/mixed; boundary="-"; deferSpec=20220824',
    'text/plain',
  ])('C10: passes %s on unread, so that its records arrive one by one', async (type) => {
    let open!: ServerResponse
    streams.answer = (_, response) => {
      open = response
      response.writeHead(200, { 'content-type': type }).write('{"errors":[')
      return undefined
    }
    const reader = (await send(streamsUrl)).body?.getReader()
    const next = async () => new TextDecoder().decode((await reader?.read())?.value)
    expect(await next()).toBe('{"errors":[')
    open.end('{"extensions":{"code":"UNAUTHENTICATED"}}]}')
    expect(await next()).toContain('UNAUTHENTICATED')
    expect(streams.received).toHaveLength(1)
    expect(server.refreshes).toBe(0)
  })

  it('C10: passes a refusal in a later part of @defer on to the caller', async () => {
    const part = (json: object): string => `\r\n---\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(json)}`
    streams.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'multipart/mixed; boundary="-"' })
      response.write(part({ data: { me: { id: 'ada' } }, hasNext: true }))
      const errors = [{ message: 'Refused', extensions: { code: 'UNAUTHENTICATED' } }]
      response.end(`${part({ incremental: [{ path: ['me'], errors }], hasNext: false })}\r\n-----`)
      return undefined
    }
    const text = await (await send(streamsUrl, graphql('{ me { id ... @defer { name } } }'))).text()
    expect(text).toContain('UNAUTHENTICATED')
    expect(streams.received).toHaveLength(1)
  })

  it.each<[string, () => Parameters<typeof fetch>]>([
    ['a URL with text', () => [url, graphql('mutation { increment }')]],
    ['a Request', () => [new Request(url, { ...graphql('mutation { increment }'), keepalive: true })]],
    ['a Request of a signed-out visitor', () => [new Request(url, graphql('mutation { increment }'))]],
  ])('C10: sends %s in the same turn when nothing has to be waited for', async (what, request) => {
    let sent = 0
    const answer: typeof fetch = async () => {
      sent++
      return Response.json({ data: {} })
    }
    if (what.includes('visitor')) await session.signOut()
    const own = silentRefreshFetch(session, answer)
    await settle()
    const done = own(...request())
    for (let microtask = 0; microtask < 20; microtask++) await undefined
    expect(sent).toBe(1)
    await done
  })

  it('C8: sends nothing to another server, and says so', async () => {
    const own = await signedInSession('https://api.example')
    const sent: unknown[] = []
    const answer: typeof fetch = async (input) => {
      sent.push(input)
      return Response.json({})
    }
    const sendOwn = silentRefreshFetch(own, answer)
    for (const input of [url, new URL(url), new Request(url, graphql('{ me { id } }'))]) {
      await expect(sendOwn(input)).rejects.toThrow(TypeError)
    }
    expect(sent).toEqual([])
    await sendOwn(url, graphql('mutation { login(password: "x") { accessToken } }'))
    await own.signOut()
    await sendOwn(url)
    expect(sent).toEqual([url, url])
    own.dispose()
  })

  it.each([
    ['can be sent again', () => 'text'],
    ['cannot be sent again', () => new Blob(['x']).stream()],
  ])('C4: passes the reason of a refusal to the session when a request %s', async (_, body) => {
    const own = await signedInSession()
    const answer = async () =>
      Response.json({ errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' } }] })
    await silentRefreshFetch(own, answer)(url, { method: 'POST', body: body() as never })
    expect(own.asked).toEqual(['TOKEN_EXPIRED'])
    own.dispose()
  })

  it('C4: does not resend the body of a form library, which is a stream of its own kind', async () => {
    let count = 0
    const answer = async () => new Response(null, { status: ++count && 401 })
    await silentRefreshFetch(session, answer)(url, { method: 'POST', body: { pipe() {} } as never })
    expect(count).toBe(1)
    expect(said('notReplayed')).toEqual([expect.objectContaining({ why: 'stream' })])
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
