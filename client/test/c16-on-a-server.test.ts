import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { silentRefreshFetch } from '../src/fetch/silent-refresh-fetch.ts'
import { createSession, graphqlTransport, type Session } from '../src/index.ts'
import { HttpServer } from './support/http-server.ts'
import { visitorSession } from './support/visitor-session.ts'

const folder = import.meta.dirname
const NAME = 'refresh-token'

describe('C16: rendering on a server', () => {
  const servers: Server[] = []
  let tokens: HttpServer
  let api: string
  /** The cookie in the visitor's browser. */
  let cookie: string | undefined
  let warn: jest.SpiedFunction<typeof console.warn>

  async function listen(handle: RequestListener): Promise<string> {
    const server = createServer(handle)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  beforeEach(async () => {
    warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
    tokens = new HttpServer()
    tokens.graceMs = 0
    const inner = await tokens.listen()
    api = `${await listen((request, response) => void inCookie(inner, request, response))}/graphql`
    cookie = `${NAME}=${tokens.signIn('ada').refreshToken}`
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    await tokens.close()
    warn.mockRestore()
  })

  /** An API that takes the refresh token from the cookie and returns the next one there. */
  async function inCookie(inner: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as { variables?: object }
    const token = request.headers.cookie?.match(`${NAME}=([^;]+)`)?.[1]
    const answer = await fetch(inner, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' },
      body: JSON.stringify({ ...body, variables: { ...body.variables, ...(token ? { token } : {}) } }),
    })
    const payload = (await answer.json()) as { data?: { refreshToken?: { refreshToken: string | null } } }
    const issued = payload.data?.refreshToken
    if (issued) response.appendHeader('set-cookie', `${NAME}=${issued.refreshToken}; Path=/; HttpOnly; SameSite=Strict`)
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(payload, (key, value) => (key === 'refreshToken' && value?.split ? null : value)))
  }

  /** A server that renders the visitor's id. */
  const pages = (sessionFor: (request: IncomingMessage, response: ServerResponse) => Promise<Session>) =>
    listen(async (request, response) => {
      const session = await sessionFor(request, response)
      const send = silentRefreshFetch(session)
      const answer = await send(api, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ me { id } }' }),
      })
      const { data } = (await answer.json()) as { data: { me: { id: string } | null } | null }
      response.end(data?.me?.id ?? 'nobody')
      session.dispose()
    })

  /** Loads a page like a browser: with the cookie, and it keeps the next one. */
  async function visit(url: string): Promise<string> {
    const response = await fetch(url, { headers: cookie === undefined ? {} : { cookie: `theme=dark; ${cookie}` } })
    for (const one of response.headers.getSetCookie()) cookie = one.split(';')[0]
    return response.text()
  }

  it('C16: renders as the visitor, who keeps the session', async () => {
    const url = await pages((request, response) => visitorSession(request, response, api))
    for (let time = 1; time <= 3; time++) {
      expect(await visit(url)).toBe('ada')
      expect(cookie).toBe(`${NAME}=ada.${time}`)
    }
    expect(tokens.isLive).toBe(true)
    expect(warn).not.toHaveBeenCalled()
  })

  it('C16: renders a page without a session for a visitor without a cookie, or after the session has ended', async () => {
    const url = await pages((request, response) => visitorSession(request, response, api))
    tokens.revoke()
    expect(await visit(url)).toBe('nobody')
    cookie = undefined
    const { refreshes } = tokens
    expect(await visit(url)).toBe('nobody')
    expect(tokens.refreshes).toBe(refreshes)
  })

  it('C16: warns when a render drops the cookie, which ends the session after the grace period', async () => {
    const url = await pages(async (request) => {
      const { cookie = '' } = request.headers
      const withCookie: typeof fetch = (input, init) => {
        const headers = new Headers(init?.headers)
        headers.set('cookie', cookie)
        return fetch(input, { ...init, headers })
      }
      const transport = graphqlTransport({ url: api, fetch: withCookie })
      const session = createSession({ transport })
      await transport
        .refresh({ refreshToken: null, signal: new AbortController().signal })
        .then(session.accept, () => {})
      return session
    })
    expect(await visit(url)).toBe('ada')
    expect(warn.mock.calls).toEqual([[expect.stringContaining('onSetCookie')]])
    expect(await visit(url)).toBe('nobody')
    expect(tokens.isLive).toBe(false)
  })

  it('C16: the README shows the tested way', () => {
    const code = readFileSync(join(folder, 'support/visitor-session.ts'), 'utf8')
    const example = code.slice(code.indexOf('export async function'))
    expect(readFileSync(join(folder, '../README.md'), 'utf8')).toContain(example)
  })
})
