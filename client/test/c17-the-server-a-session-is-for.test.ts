import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { createSession, graphqlTransport } from '../src/index.ts'
import { CookiePage } from './support/cookie-page.ts'

const API = 'https://api.example/graphql'

/** What `checkUrl` says of a request, with no page unless one is given. */
function check(to: string, kind: 'graphql' | 'other', options: object = {}, page?: string) {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
  const remove = page === undefined ? () => {} : new CookiePage(page).install()
  try {
    graphqlTransport({ url: API, ...options }).checkUrl?.(to, kind)
    return warn.mock.calls.length > 0 ? 'warned' : 'passed'
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return 'refused'
  } finally {
    warn.mockRestore()
    remove()
  }
}

describe('C17: the server a session is for', () => {
  const { URL } = globalThis
  afterEach(() => {
    jest.restoreAllMocks()
    globalThis.URL = URL
  })

  it.each([
    ['https://api.example/graphql', 'https://api.example/graphql'],
    ['https://API.example:443/graphql/?x=1#y', 'https://api.example/graphql'],
    ['http://localhost:4000', 'http://localhost:4000'],
    ['wss://api.example/graphql', 'https://api.example/graphql'],
  ])('C17: normalises the transport’s URL: %s', (url, normal) => {
    expect(graphqlTransport({ url }).url).toBe(normal)
  })

  it.each([
    ['/graphql', 'https://app.example/graphql'],
    ['graphql?x', 'https://app.example/shop/graphql'],
    ['../b/graphql/', 'https://app.example/b/graphql'],
    ['//api.example/graphql', 'https://api.example/graphql'],
  ])('C17: resolves the relative URL %s against the page', (url, absolute) => {
    const remove = new CookiePage('https://app.example/shop/?q').install()
    expect(graphqlTransport({ url }).url).toBe(absolute)
    remove()
  })

  it('C17: resolves a relative URL in a worker against its script', () => {
    Object.assign(globalThis, { location: { href: 'https://app.example/worker.js' } })
    expect(graphqlTransport({ url: '/graphql' }).url).toBe('https://app.example/graphql')
    Reflect.deleteProperty(globalThis, 'location')
  })

  it('C17: does not know the server of a relative URL without a page, so no token goes to any other', () => {
    const { url, checkUrl } = graphqlTransport({ url: '/graphql' })
    expect(url).toBeUndefined()
    expect(() => checkUrl?.('https://other.example/', 'graphql')).toThrow(TypeError)
    expect(() => checkUrl?.('/graphql', 'graphql')).not.toThrow()
  })

  it.each([undefined, 42, '', ' ', 'localhost:4000/graphql', 'https://', 'ftp://api.example', 'data:,x'])(
    'C17: %p is not the URL of a server',
    (url) => {
      expect(() => graphqlTransport({ url: url as string })).toThrow(/^url: ".*" is not a URL such as/)
      expect(() => graphqlTransport({ url: API, resourceServers: [url as string] })).toThrow(/^resourceServers: /)
    },
  )

  it.each([
    ['https://api.example/graphql', 'graphql', 'passed'],
    ['https://api.example/graphql/?query=1', 'graphql', 'passed'],
    ['https://api.example:443/graphql/socket', 'graphql', 'passed'],
    ['wss://api.example/graphql', 'graphql', 'passed'],
    ['https://api.example/other', 'graphql', 'warned'],
    ['https://api.example/graphql2', 'graphql', 'warned'],
    ['wss://api.example/', 'graphql', 'warned'],
    ['https://api.example/rest/things', 'other', 'passed'],
    ['https://other.example/graphql', 'graphql', 'refused'],
    ['https://other.example/graphql', 'other', 'refused'],
    ['http://api.example/graphql', 'graphql', 'refused'],
    ['ws://api.example/graphql', 'graphql', 'refused'],
    ['https://api.example:8443/graphql', 'other', 'refused'],
    ['https://api.example.evil/graphql', 'other', 'refused'],
    ['https://api.example@evil/graphql', 'other', 'refused'],
    ['https://evil\\@api.example/graphql', 'other', 'refused'],
    ['data:application/json,{}', 'other', 'passed'],
  ] as const)('C17: a request to %s (%s) is %s', (to, kind, outcome) => {
    expect(check(to, kind)).toBe(outcome)
  })

  it.each([
    ['/graphql', 'graphql', 'refused'],
    ['things', 'other', 'refused'],
    ['//api.example/graphql', 'graphql', 'passed'],
  ] as const)('C17: on the page of another origin, a request to %s (%s) is %s', (to, kind, outcome) => {
    expect(check(to, kind, {}, 'https://app.example/')).toBe(outcome)
  })

  it.each([
    ['/a/graphql', 'passed'],
    ['/b/graphql', 'warned'],
  ] as const)('C17: of two apps on one origin, an operation to %s is %s', (to, outcome) => {
    expect(check(to, 'graphql', { url: '/a/graphql' }, 'https://app.example/a/')).toBe(outcome)
  })

  const resourceServers = ['https://files.example/mine/', 'https://api.example/other', '/rest']
  it.each([
    ['https://files.example/mine', 'other', 'passed'],
    ['https://files.example/mine/1?x', 'other', 'passed'],
    ['https://files.example/mine/../yours', 'other', 'refused'],
    ['https://files.example/mines', 'other', 'refused'],
    ['https://files.example/', 'other', 'refused'],
    ['https://api.example/other', 'graphql', 'passed'],
    ['https://app.example/rest/1', 'other', 'passed'],
    ['/rest/1', 'other', 'passed'],
  ] as const)('C17: with resource servers, a request to %s (%s) is %s', (to, kind, outcome) => {
    expect(check(to, kind, { resourceServers }, 'https://app.example/')).toBe(outcome)
  })

  it('C17: names both URLs without their queries, and warns once', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
    const session = createSession({ transport: graphqlTransport({ url: `${API}?key=1` }) })
    expect(() => session.checkUrl('https://other.example/x?secret', 'other')).toThrow(
      'A request goes to https://other.example/x, but the session is for https://api.example/graphql.',
    )
    for (let time = 0; time < 3; time++) session.checkUrl('https://api.example/x?secret', 'graphql')
    expect(warn.mock.calls).toEqual([[expect.stringContaining('https://api.example/x, but')]])
    session.dispose()
  })

  it.each([
    ['missing', undefined],
    [
      'without properties',
      class {
        get protocol(): string {
          throw new Error('not implemented')
        }
      },
    ],
  ])('C17: where URL is %s, as in React Native, servers are still told apart', (_, broken) => {
    globalThis.URL = broken as unknown as typeof URL
    expect(graphqlTransport({ url: 'https://API.example/graphql/?x' }).url).toBe(API)
    expect(check('wss://api.example/graphql', 'graphql')).toBe('passed')
    expect(check('https://other.example/graphql', 'graphql')).toBe('refused')
    expect(check('/graphql', 'graphql')).toBe('passed')
  })

  it('C17: a transport of one’s own that names its URL sends tokens nowhere else', async () => {
    class OwnTransport {
      readonly url = 'https://api.example'
      #token = 'a'
      async refresh() {
        return { accessToken: this.#token, accessTokenExpiresIn: 60, userId: 'ada' }
      }
    }
    const session = createSession({ transport: new OwnTransport() })
    expect(() => session.checkUrl('https://other.example/things', 'other')).toThrow(TypeError)
    expect(() => session.checkUrl('https://api.example/things', 'other')).not.toThrow()
    await session.accept({ accessToken: 'z', accessTokenExpiresIn: 60, userId: 'ada' })
    expect(await session.getAccessToken({ failed: 'z', reason: 'TOKEN_EXPIRED' })).toBe('a')
    expect(await session.signOut()).toBe(true)
    session.dispose()
  })
})
