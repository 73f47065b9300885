import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createSession, type GraphqlTransportOptions, graphqlTransport } from '../src/index.ts'
import {
  type CookieHint,
  memoryStorage,
  SessionEndedError,
  type SessionOptions,
  type Storage,
} from '../src/session/index.ts'
import { CookieJar } from './support/cookie-jar.ts'
import { CookiePage } from './support/cookie-page.ts'
import { follow, World } from './support/tabs.ts'

const API = 'https://app.example/api/graphql'

describe('C16: a cookie that is not kept, and a cookie that outlives the storage', () => {
  let world: World
  let jar: CookieJar
  let hint: string | null | undefined
  let warn: jest.SpiedFunction<typeof console.warn>

  const cookieHint: CookieHint = {
    read: () => hint,
    clear: () => {
      hint = null
    },
  }
  /** Storage that tabs share. */
  const shared = (storage: Storage): Storage => ({ ...storage, shared: true })
  const withHint = (): Partial<SessionOptions> => ({ transport: { ...jar.transport(), cookieHint } })

  beforeEach(() => {
    world = new World()
    world.storage = shared(memoryStorage())
    jar = new CookieJar(world.server)
    world.issuer = jar
    hint = undefined
    warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
  })
  afterEach(() => {
    world.dispose()
    warn.mockRestore()
  })

  it('C16: a sign-in whose cookie was kept costs no refresh if the hint says so', async () => {
    hint = 'ada'
    const { session } = await world.signedIn('ada', withHint())
    await world.clock.advance(1_000)
    expect(session.state).toBe('active')
    expect(world.server.refreshCalls).toBe(0)
  })

  it.each([null, undefined, 'bob'])(
    'C16: a sign-in whose cookie was kept costs one refresh if the hint says %p',
    async (said) => {
      const { session, ended, events } = await world.open(withHint())
      hint = said
      await session.accept(jar.signIn('ada'))
      const token = await session.getAccessToken()
      expect(world.server.accepts(token)).toBe('ada')
      await world.clock.advance(1_000)
      expect(world.server.refreshCalls).toBe(1)
      expect(session.state).toBe('active')
      expect(ended).toEqual([])
      expect(events).toContainEqual(expect.objectContaining({ type: 'refreshStarted', cause: 'ahead' }))
      expect(warn).not.toHaveBeenCalled()
    },
  )

  it('C16: ends a session whose cookie was not kept within a second of the sign-in, and says why', async () => {
    const { session, ended, events } = await world.open(withHint())
    for (let time = 1; time <= 2; time++) {
      const grant = jar.signIn('ada')
      jar.refreshToken = null
      await session.accept(grant)
      await world.clock.advance(1_000)
      expect(session.state).toBe('signedOut')
    }
    expect(ended).toEqual(['REFRESH_TOKEN_MISSING', 'REFRESH_TOKEN_MISSING'])
    expect(events.filter(({ type }) => type === 'cookieNotKept')).toHaveLength(2)
    expect(warn.mock.calls).toEqual([[expect.stringContaining('refresh cookie of this sign-in was not kept')]])
    expect(await world.storage.read()).toMatchObject({ userId: null })
  })

  it('C16: says nothing when the session ends for another reason during the check, or when the check fails', async () => {
    const { session, ended } = await world.open(withHint())
    await session.accept(jar.signIn('ada'))
    void session.signOut()
    await world.clock.advance(1_000)
    world.server.faults = Array(4).fill('dropped')
    await session.accept(jar.signIn('ada'))
    await world.clock.advance(5_000)
    expect(ended).toEqual(['SIGNED_OUT'])
    expect(session.state).toBe('active')
    expect(warn).not.toHaveBeenCalled()
  })

  it.each([
    ['in the tab of the sign-in', false],
    ['in the page that follows it', true],
  ])('C16: if the check got no answer, says why as soon as a refresh gets one: %s', async (_, reloads) => {
    world.clock.wallTime = () => 1e12 + world.clock.now()
    world.server.faults = Array(4).fill('dropped')
    let tab = await world.signedIn('ada', withHint())
    await world.clock.advance(15_000)
    if (reloads) {
      tab.session.dispose()
      tab = await world.open(withHint())
    }
    expect(tab.session.state).toBe('active')
    expect(warn).not.toHaveBeenCalled()
    jar.refreshToken = null
    await world.expire()
    await tab.session.getAccessToken().catch(() => {})
    expect(tab.ended).toEqual(['REFRESH_TOKEN_MISSING'])
    expect(warn.mock.calls).toEqual([[expect.stringContaining('refresh cookie of this sign-in was not kept')]])
  })

  it.each([
    ['a minute after a refresh', undefined, 0],
    ['a minute after the hint has shown that it was kept', 'ada', 0],
    ['in a page that is loaded after a week', undefined, 7 * 86_400_000],
  ])('C16: a cookie that is missing later ends the session with its reason and no warning: %s', async (...row) => {
    const [, said, awayMs] = row
    hint = said
    world.clock.wallTime = () => 1e12 + world.clock.now()
    let tab = await world.signedIn('ada', withHint())
    await world.clock.advance(1_000)
    expect(world.server.refreshCalls).toBe(said ? 0 : 1)
    if (awayMs > 0) {
      tab.session.dispose()
      world.clock.sleep(awayMs)
      tab = await world.open(withHint())
    }
    jar.refreshToken = null
    await world.expire()
    await tab.session.getAccessToken().catch(() => {})
    expect(tab.ended).toEqual(['REFRESH_TOKEN_MISSING'])
    expect(tab.origins).toEqual(['server'])
    expect(warn).not.toHaveBeenCalled()
  })

  it.each([
    ['the transport has no hint, as in Node', {}, null],
    ['the session keeps the refresh token itself', { cookieHint }, 'body'],
  ])('C16: a sign-in costs no refresh if %s', async (_, more, kept) => {
    const { session } = await world.open({ transport: { ...jar.transport(), ...more } })
    await session.accept({ ...world.server.signIn('ada'), refreshToken: kept })
    await world.clock.advance(1_000)
    expect(world.server.refreshCalls).toBe(0)
  })

  const broken = (): Storage => ({ read: () => Promise.reject(new Error()), write: () => Promise.reject(new Error()) })
  it.each([
    ['was cleared', () => shared(memoryStorage())],
    ['does not work', broken],
  ])('C16: continues the session from the cookie if the storage %s', async (_, storage) => {
    jar.signIn('ada')
    hint = 'ada'
    world.storage = storage()
    const tabs = [await world.open(withHint()), await world.open(withHint())] as const
    for (const { session } of tabs) expect([session.state, session.userId]).toEqual(['active', 'ada'])
    expect(world.server.refreshCalls).toBe(0)
    const operations = tabs.map(({ session }) => follow(session.getAccessToken()))
    await world.clock.advance(2_000)
    for (const { outcome } of operations) expect(world.server.accepts(outcome)).toBe('ada')
    expect(world.server.refreshCalls).toBe(1)
    for (const { ended } of tabs) expect(ended).toEqual([])
  })

  it.each([null, undefined, ''])('C16: a visitor without a hint (%p) causes no refresh call', async (said) => {
    hint = said
    const { session } = await world.open(withHint())
    expect(session.state).toBe('signedOut')
    expect(await session.getAccessToken()).toBeNull()
    await session.wake()
    await world.clock.advance(3_600_000)
    expect(world.server.refreshCalls).toBe(0)
  })

  it('C16: a stored sign-out wins over the hint, and so does the sign-out of a session that the hint began', async () => {
    jar.signIn('ada')
    hint = 'ada'
    const first = await world.open(withHint())
    expect(first.session.userId).toBe('ada')
    void first.session.signOut()
    await world.clock.advance(100)
    hint = 'ada'
    for (const { session } of [first, await world.open(withHint())]) {
      await session.wake()
      expect([session.state, await session.getAccessToken()]).toEqual(['signedOut', null])
    }
    expect(world.server.refreshCalls).toBe(0)
  })

  it('C16: marks a sign-out before it is written, also of a session that the hint began', async () => {
    hint = 'ada'
    const forgotten: number[] = []
    const storage = { ...world.storage, forget: (epoch: number) => void forgotten.push(epoch) }
    const { session } = await world.open({ ...withHint(), storage })
    await session.ready
    void session.signOut()
    await world.clock.advance(0)
    expect(forgotten).toEqual([1])
  })

  it('C16: a record that is read late continues the session of the hint', async () => {
    jar.signIn('ada')
    hint = 'ada'
    const record = { version: 7, epoch: 3, userId: 'ada' }
    await world.storage.write(record, 0)
    let isReadable = false
    const storage = { ...world.storage, read: () => (isReadable ? world.storage.read() : Promise.reject(new Error())) }
    const { session, ended } = await world.open({ ...withHint(), storage })
    isReadable = true
    const operation = follow(session.getAccessToken())
    await world.clock.advance(1_000)
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    expect(ended).toEqual([])
    expect(await world.storage.read()).toMatchObject({ version: 8, epoch: 3, userId: 'ada' })
  })

  it('C16: a record that is read after the first refresh of the hint’s session ends no operation', async () => {
    jar.signIn('ada')
    hint = 'ada'
    world.clock.wallTime = () => 1e12 + world.clock.now()
    await world.storage.write({ version: 7, epoch: 3, userId: 'ada' }, 0)
    let isReadable = false
    const read = () => (isReadable ? world.storage.read() : Promise.reject(new Error()))
    const { session, ended } = await world.open({ ...withHint(), storage: { read, write: () => true, shared: true } })
    const operation = follow(session.getAccessToken())
    await world.clock.advance(1_000)
    const { epoch } = session
    isReadable = true
    await session.wake()
    expect(world.server.accepts(operation.outcome)).toBe('ada')
    expect([session.epoch, ended]).toEqual([epoch, []])
  })

  it('C16: a sign-out of the hint’s session marks the sign-ins of records that were not read', async () => {
    hint = 'ada'
    world.clock.wallTime = () => 1e12 + world.clock.now()
    const signedIn: number[] = []
    const forgotten: number[] = []
    const earlier = await world.open({ storage: world.storage })
    await earlier.session.accept(jar.signIn('ada'))
    signedIn.push((await world.storage.read())?.epoch ?? 0)
    await world.clock.advance(1_000)
    const storage: Storage = {
      ...{ read: () => Promise.reject(new Error()), write: () => true, shared: true },
      forget: (epoch) => void forgotten.push(epoch),
    }
    const { session } = await world.open({ ...withHint(), storage, channel: undefined })
    void session.signOut()
    expect(forgotten[0]).toBeGreaterThanOrEqual(signedIn[0] as number)
  })

  it('C16: a session that the hint began ends without a warning if the cookie is missing', async () => {
    hint = 'ada'
    const { session, ended } = await world.open(withHint())
    await session.getAccessToken().catch(() => {})
    expect(ended).toEqual(['REFRESH_TOKEN_MISSING'])
    expect(warn).not.toHaveBeenCalled()
  })

  it('C16: a storage of one tab is not filled from the cookie', async () => {
    jar.signIn('ada')
    hint = 'ada'
    const { session } = await world.open({ ...withHint(), storage: memoryStorage() })
    expect(session.state).toBe('signedOut')
  })

  it('C16: ends as REPLACED if the cookie belongs to another user than the hint says', async () => {
    jar.signIn('bob')
    hint = 'ada'
    const { session, ended } = await world.open(withHint())
    const operation = follow(session.getAccessToken())
    await world.clock.advance(1_000)
    expect(operation.outcome).toBe('ended: REPLACED')
    expect(ended).toEqual(['REPLACED'])
  })
})

describe('C16: the hint beside the cookie', () => {
  let remove = (): void => {}
  afterEach(() => remove())

  /** The hint of a transport on a page with these cookies. */
  function hintOn(
    cookies: Readonly<Record<string, string>>,
    { page = 'https://app.example/', ...options }: Partial<GraphqlTransportOptions> & { page?: string } = {},
  ) {
    const site = new CookiePage(page)
    for (const [name, value] of Object.entries(cookies)) site.set(name, value)
    remove = site.install()
    return { site, hint: graphqlTransport({ url: API, ...options }).cookieHint }
  }

  it.each(['refresh-token-hint', '__Secure-refresh-token-hint', '__Host-refresh-token-hint'])(
    'C16: reads the user from %s',
    (name) => {
      expect(hintOn({ before: 'x', [name]: 'ada%3B%20%C3%A9', after: 'y' }).hint?.read()).toBe('ada; é')
    },
  )

  it('C16: reads the cookie of the configured name, and of the safest prefix', () => {
    const cookies = { 'shop-hint': 'bob', '__Host-shop-hint': 'ada', 'refresh-token-hint': 'eve' }
    expect(hintOn(cookies, { cookieName: 'shop' }).hint?.read()).toBe('ada')
  })

  it.each([
    ['absent', {}],
    ['empty', { 'refresh-token-hint': '' }],
    ['malformed', { 'refresh-token-hint': '%E0%A4%A' }],
    ['of another name', { 'x-refresh-token-hint': 'ada', 'refresh-token-hint2': 'ada', 'refresh-token': 'ada' }],
  ])('C16: a hint that is %s counts as none', (_, cookies) => {
    expect(hintOn(cookies).hint?.read()).toBeNull()
  })

  it.each([
    ['the API has another origin', { url: 'https://api.example/graphql' }],
    ['the API has another port', { url: 'https://app.example:8443/graphql' }],
    ['the page has no origin', { page: 'about:blank' }],
  ])('C16: nothing is known and nothing is cleared if %s', (_, options) => {
    const { hint, site } = hintOn({ 'refresh-token-hint': 'ada' }, options)
    expect(hint?.read()).toBeUndefined()
    hint?.clear()
    expect(site.all).toEqual(['refresh-token-hint=ada /'])
  })

  it('C16: nothing is known if the page may not read cookies', () => {
    const { hint, site } = hintOn({ 'refresh-token-hint': 'ada' })
    site.isForbidden = true
    expect(hint?.read()).toBeUndefined()
    expect(() => hint?.clear()).not.toThrow()
  })

  const PAGE = 'https://app.example'
  it.each([
    [
      'the page has another origin',
      PAGE,
      'https://api.example.com/',
      {},
      /needs `credentials: 'include'`: .* two origins/,
    ],
    ['only the port differs', PAGE, `${PAGE}:8443/`, {}, /needs `credentials: 'include'`: .*:8443 are two origins/],
    [
      'another site',
      PAGE,
      'https://api.test/',
      { credentials: 'include' },
      /`tokenTransport: BODY` is needed: .* two sites/,
    ],
    ['another scheme', 'http://app.example', PAGE, { credentials: 'include' }, /two sites/],
    ['a native shell', 'capacitor://localhost', PAGE, { credentials: 'include' }, /two sites/],
    [
      'siblings',
      'https://a.example.org',
      'https://b.example.org',
      { credentials: 'include' },
      /sign-in was sent without `c/,
    ],
    ['ports', 'http://127.0.0.1:5', 'http://127.0.0.1:6', { credentials: 'include' }, /sign-in was sent without `cred/],
    ['the same origin', PAGE, `${PAGE}/graphql`, {}, /cookies are blocked, or .* without `tokenTransport: COOKIE`/],
  ] as const)('C16: names the most probable cause of a lost cookie: %s', (_, page, url, options, cause) => {
    const text = hintOn({}, { page, url, ...options }).hint?.explain?.()
    expect(text).toMatch(cause)
    expect(text).toMatch(
      /Usual causes: credentials, CORS, a cross-site cookie\. See docs\/cross-origin\.md in @silent-refresh\/client\.$/,
    )
  })

  it('C16: there is no hint if the program keeps cookies itself, nor with the body transport', () => {
    expect(graphqlTransport({ url: API, fetch }).cookieHint).toBeUndefined()
    expect(graphqlTransport({ url: API, onSetCookie: () => {} }).cookieHint).toBeUndefined()
    expect(hintOn({}, { tokenTransport: 'BODY' }).hint).toBeUndefined()
  })

  it('C16: clears the hint with every prefix, on every path that leads to the API', () => {
    const { hint, site } = hintOn({ other: 'x', 'refresh-token-hint': 'ada', '__Host-refresh-token-hint': 'ada' })
    for (const path of ['/api', '/api/', '/api/graphql']) site.set('__Secure-refresh-token-hint', 'ada', path)
    hint?.clear()
    expect(site.all).toEqual(['other=x /'])
    expect(hint?.read()).toBeNull()
  })

  const refusal = (code: string, more: object = {}) => ({ data: null, errors: [{ extensions: { code, ...more } }] })

  it('C16: a program that keeps no cookies learns it at the sign-in', async () => {
    const send = globalThis.fetch
    globalThis.fetch = async () => Response.json(refusal('BAD_USER_INPUT'))
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => {})
    const ended: unknown[] = []
    const session = createSession({
      transport: graphqlTransport({ url: API }),
      onSessionEnded: (reason) => ended.push(reason),
    })
    await session.accept({ accessToken: 'a', accessTokenExpiresIn: 60, userId: 'ada' })
    expect(await session.getAccessToken().catch((error: Error) => error.name)).toMatch(/^a$|SessionEndedError/)
    while (ended.length === 0) await new Promise((resolve) => setImmediate(resolve))
    globalThis.fetch = send
    expect(ended).toEqual(['REFRESH_TOKEN_MISSING'])
    expect(warned.mock.calls).toEqual([[expect.stringContaining('`tokenTransport: BODY`')]])
    warned.mockRestore()
    session.dispose()
  })

  it('C16: a sign-in with the body transport that returned no refresh token is not called a lost cookie', async () => {
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => {})
    const events: string[] = []
    const transports = [
      graphqlTransport({ url: API, tokenTransport: 'BODY' }),
      { refresh: () => Promise.reject(new SessionEndedError('REFRESH_TOKEN_MISSING')) },
    ]
    for (const transport of transports) {
      const session = createSession({ transport })
      session.events.subscribe(({ type }) => events.push(type))
      await session.accept({ accessToken: 'a', accessTokenExpiresIn: 60, userId: 'ada' })
      const refused = session.getAccessToken({ failed: 'a', reason: 'TOKEN_EXPIRED' })
      await expect(refused).rejects.toMatchObject({ reason: 'REFRESH_TOKEN_MISSING' })
      session.dispose()
    }
    expect(warned.mock.calls).toEqual([[expect.stringContaining('select `refreshToken`')]])
    expect(events).not.toContain('cookieNotKept')
    warned.mockRestore()
  })

  it('C16: a page without a stored record tries a cookie that has expired once, not each time it is loaded', async () => {
    let calls = 0
    const fetch = async () => {
      calls++
      return Response.json(refusal('BAD_USER_INPUT'))
    }
    hintOn({ 'refresh-token-hint': 'ada' })
    const storage: Storage = { read: () => Promise.reject(new Error()), write: () => Promise.reject(new Error()) }
    for (const expected of [['ended', 1] as const, [null, 1] as const]) {
      const session = createSession({ transport: graphqlTransport({ url: API, fetch }), storage, page: undefined })
      const token = await session.getAccessToken().catch(() => 'ended')
      expect([token, calls]).toEqual(expected)
      session.dispose()
    }
  })
})
