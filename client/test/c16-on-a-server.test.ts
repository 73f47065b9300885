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
const HINT = `${NAME}-hint`

describe('C16: rendering on a server', () => {
  const servers: Server[] = []
  let tokens: HttpServer
  let api: string
  /** The cookies in the visitor's browser. */
  let cookies: Record<string, string>
  /** The headers of the requests to the API. */
  let origins: IncomingMessage['headers'][]
  let warn: jest.SpiedFunction<typeof console.warn>

  async function listen(handle: RequestListener): Promise<string> {
    const server = createServer(handle)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  beforeEach(async () => {
    warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
    origins = []
    tokens = new HttpServer()
    tokens.graceMs = 0
    const inner = await tokens.listen()
    // It hangs up if the other server does.
    const answer: RequestListener = (request, response) =>
      void inCookie(inner, request, response).catch(() => response.destroy())
    api = `${await listen(answer)}/graphql`
    cookies = { theme: 'dark', [NAME]: tokens.signIn('ada').refreshToken, [HINT]: 'ada' }
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
    const token = request.headers.cookie?.match(`-token=([^;]+)`)?.[1]
    origins.push(request.headers)
    const answer = await fetch(inner, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' },
      body: JSON.stringify({ ...body, variables: { ...body.variables, ...(token ? { token } : {}) } }),
    })
    const payload = (await answer.json()) as { data?: { refreshToken?: { refreshToken: string | null } } }
    const issued = payload.data?.refreshToken
    if (issued) {
      response.appendHeader('set-cookie', `${NAME}=${issued.refreshToken}; Path=/; HttpOnly; SameSite=Strict`)
      response.appendHeader('set-cookie', `${HINT}=ada; Path=/; SameSite=Strict`)
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(payload, (key, value) => (key === 'refreshToken' && value?.split ? null : value)))
  }

  /** A server that renders the visitor's id. */
  const pages = (sessionFor: (request: IncomingMessage, response: ServerResponse) => Promise<Session>) =>
    listen(async (request, response) => {
      const session = await sessionFor(request, response)
      const send = silentRefreshFetch(session)
      const body = JSON.stringify({ query: '{ me { id } }' })
      const answer = send(api, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const result = await answer.then((it) => it.json()).catch(() => null)
      response.end(result?.data?.me?.id ?? 'nobody')
      session.dispose()
    })

  /** Loads a page like a browser: with the cookies, and it keeps the next ones. */
  async function visit(url: string): Promise<string> {
    const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
    const response = await fetch(url, { headers: { 'user-agent': 'a browser', cookie: cookie.join('; ') } })
    for (const one of response.headers.getSetCookie()) {
      const [name = '', value = ''] = one.split(/[=;]/)
      cookies[name] = value
    }
    return response.text()
  }

  it('C16: renders as the visitor, who keeps the session', async () => {
    const url = await pages((request, response) => visitorSession(request, response, api))
    for (let time = 1; time <= 3; time++) {
      expect(await visit(url)).toBe('ada')
      expect(cookies).toEqual({ theme: 'dark', [NAME]: `ada.${time}`, [HINT]: 'ada' })
    }
    expect(tokens.isLive).toBe(true)
    expect(warn).not.toHaveBeenCalled()
  })

  it('C16: tells the API which browser and which address the page is for', async () => {
    const url = await pages((request, response) => visitorSession(request, response, api))
    await visit(url)
    expect(origins[0]).toMatchObject({ 'user-agent': 'a browser', 'x-forwarded-for': '127.0.0.1' })
  })

  it('C16: renders a page without a session for a visitor without a cookie, or after the session has ended', async () => {
    const url = await pages((request, response) => visitorSession(request, response, api))
    tokens.revoke()
    expect(await visit(url)).toBe('nobody')
    cookies = { theme: 'dark' }
    const { refreshes } = tokens
    expect(await visit(url)).toBe('nobody')
    expect(tokens.refreshes).toBe(refreshes)
  })

  it('C16: renders a page without a session after a sign-out that has removed only the hint', async () => {
    const url = await pages((request, response) => visitorSession(request, response, api))
    delete cookies[HINT]
    expect(await visit(url)).toBe('nobody')
    expect(tokens.refreshes).toBe(0)
  })

  it.each([
    ['__Host-refresh-token', undefined],
    ['__Secure-refresh-token', undefined],
    ['__Host-shop-token', 'shop-token'],
    ['shop.eu-token', 'shop.eu-token'],
  ])('C16: finds the cookie %s', async (name, cookieName) => {
    const url = await pages((request, response) => visitorSession(request, response, api, { cookieName }))
    cookies = { [name]: 'ada.0', [`${name}-hint`]: 'ada' }
    expect(await visit(url)).toBe('ada')
  })

  it.each([
    ['shop-refresh-token', undefined],
    ['shop-eu-token', 'shop.eu-token'],
  ])('C16: leaves the cookie %s of another deployment alone', async (name, cookieName) => {
    const url = await pages((request, response) => visitorSession(request, response, api, { cookieName }))
    cookies = { [name]: 'ada.0', [`${name}-hint`]: 'ada' }
    expect(await visit(url)).toBe('nobody')
    expect(tokens.refreshes).toBe(0)
  })

  it('C16: spends the cookie once per page, even if the API refuses the new access token', async () => {
    const url = await pages((request, response) => visitorSession(request, response, api))
    tokens.refusesAll = true
    expect(await visit(url)).toBe('nobody')
    expect(tokens.refreshes).toBe(1)
    tokens.refusesAll = false
    expect(await visit(url)).toBe('ada')
    expect(tokens.isLive).toBe(true)
  })

  it('C16: renders a page without a session when the API does not answer in time, and the visitor keeps it', async () => {
    const url = await pages((request, response) => visitorSession(request, response, api, { timeoutMs: 50 }))
    tokens.refreshFaults = ['hang']
    expect(await visit(url)).toBe('nobody')
    expect(cookies[NAME]).toBe('ada.0')
    expect(tokens.isLive).toBe(true)
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

  it.each(['client/README.md', 'examples/vue-ssr/src/visitor-session.ts'])('C16: %s shows the tested way', (file) => {
    const code = readFileSync(join(folder, 'support/visitor-session.ts'), 'utf8')
    const example = code.slice(code.indexOf('export async function'))
    expect(readFileSync(join(folder, '../..', file), 'utf8')).toContain(example)
  })
})
