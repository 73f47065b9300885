import { afterEach, describe, expect, it } from '@jest/globals'
import { createSession, memoryStorage, type Session } from '../src/index.ts'
import { authorizationByHand } from '../src/playground/operations/authorization-by-hand.ts'
import { fillInSession, THIS_SESSION } from '../src/playground/operations/fill-in-session.ts'
import { createPlaygroundFetcher } from '../src/playground/operations/playground-fetcher.ts'
import { readOperation, rootFieldsOf, selectRoot } from '../src/playground/operations/read-operation.ts'
import { sessionOfToken } from '../src/playground/operations/session-of-token.ts'
import { subscriptionEndWords } from '../src/playground/operations/subscription-words.ts'
import { watchTokens } from '../src/playground/operations/watch-tokens.ts'

/** A token of a session, without a signature. */
const tokenOf = (sid: string, generation = 1) =>
  `h.${Buffer.from(JSON.stringify({ sid, gen: generation })).toString('base64url')}.s`

const operationOf = (query: string, variables: Record<string, unknown> = {}) => {
  const operation = readOperation(query, undefined, variables)
  if (!operation) throw new Error('The operation cannot be read.')
  return operation
}

describe('the operation of the editor', () => {
  it('has its root fields without aliases, also those in fragments that contain each other', () => {
    const operation = operationOf(`mutation { a: login { id } ... on Mutation { b: logout } ...F }
      fragment F on Mutation { register { id } ...G } fragment G on Mutation { ...F serverTime }`)
    expect(rootFieldsOf(operation)).toEqual(['login', 'logout', 'register', 'serverTime'])
  })

  it('has its results under aliases, and its arguments with defaults and variables', () => {
    const operation = operationOf(
      `mutation ($p: String!, $t: TokenTransport = COOKIE) {
        in: login(input: { password: $p, tokenTransport: $t }) { who: user { name } }
        in: login(input: { password: $p, tokenTransport: $t }) { who: user { key: id } }
      }`,
      { p: 'secret' },
    )
    const login = selectRoot(operation, 'login', { in: { who: { key: '7' } } })
    expect(login?.select('user')?.select('id')?.value).toBe('7')
    expect(login?.args.input).toEqual({ password: 'secret', tokenTransport: 'COOKIE' })
    expect(login?.select('accessToken')).toBeUndefined()
  })

  it.each(['', '{', 'query A { me { id } } query B { me { id } }', 'fragment F on Query { me { id } }'])(
    'is left to the server when it cannot be told: %j',
    (query) => expect(readOperation(query, undefined)).toBeUndefined(),
  )
})

describe('a header by hand', () => {
  it.each(['Authorization', 'authorization', 'AUTHORIZATION', ' aUthorization '])('is found as %j', (name) => {
    expect(authorizationByHand({ other: '1', [name]: 'Bearer x' })).toBe('Bearer x')
  })

  it('may be empty, and is missing in other headers', () => {
    expect(authorizationByHand({ authorization: '' })).toBe('')
    expect(authorizationByHand({ 'x-authorization': 'Bearer x' })).toBeUndefined()
    expect(authorizationByHand(undefined)).toBeUndefined()
  })
})

it('reads the session of a token, and of nothing else', () => {
  expect(sessionOfToken(`Bearer ${tokenOf('s-1?>~~~')}`)).toBe('s-1?>~~~')
  for (const junk of [
    '',
    'a.b.c',
    'a',
    null,
    42,
    `h.${btoa('42')}.s`,
    `h.${btoa('null')}.s`,
    `h.${btoa('{"sid":1}')}.s`,
  ]) {
    expect(sessionOfToken(junk)).toBeNull()
  }
})

it('says why a subscription has ended', () => {
  expect(subscriptionEndWords({ code: 4403, reason: 'Forbidden' }, 'Bearer x')).toContain('Authorization header')
  expect(subscriptionEndWords({ code: 4429, reason: 'Too many' }, undefined)).toContain('(4429, Too many)')
  expect(subscriptionEndWords(new Error('No.'), undefined)).toBe('Subscription ended: No.')
  expect(subscriptionEndWords(undefined, undefined)).toBe('Subscription ended: unknown reason')
})

describe('the session and the operations of the editor', () => {
  let session: Session
  let refreshes: (string | null)[] = []
  /** How many sign-outs have been announced, and how many of them are over. */
  let [expected, over] = [0, 0]
  const expectSignOut = () => {
    expected++
    return () => void over++
  }
  afterEach(() => session.dispose())

  /** Signed in with a session `own` whose refresh token the browser keeps. */
  async function signedIn(): Promise<void> {
    refreshes = []
    expected = over = 0
    session = createSession({
      transport: {
        refresh: async ({ refreshToken }) => {
          refreshes.push(refreshToken)
          return {
            accessToken: tokenOf('own', 3),
            accessTokenExpiresIn: 60,
            refreshToken: tokenOf('own', 3),
            userId: '1',
          }
        },
      },
      storage: memoryStorage(),
    })
    const tokens = { accessToken: tokenOf('own'), refreshToken: tokenOf('own') }
    await session.accept({ ...tokens, accessTokenExpiresIn: 60, userId: '1' })
  }

  const watch = (query: string, variables: Record<string, unknown> = {}, byHand?: string) =>
    watchTokens(session, operationOf(query, variables), { byHand, expectSignOut })

  /** Runs an operation whose result is `data`. */
  const run = async (query: string, data: unknown, variables?: Record<string, unknown>, byHand?: string) =>
    (await watch(query, variables, byHand)).adopt(data)

  /** Another user signs in, in this tab or in another one. */
  const signInMeanwhile = () =>
    session.accept({ accessToken: tokenOf('newer'), accessTokenExpiresIn: 60, refreshToken: null, userId: '3' })

  const LOGIN =
    'mutation ($t: TokenTransport) { login(input: { tokenTransport: $t }) { accessToken accessTokenExpiresIn user { id } } }'
  const granted = { accessToken: tokenOf('new'), accessTokenExpiresIn: 60, user: { id: '2' } }

  it('a sign-in with the cookie replaces the session', async () => {
    await signedIn()
    expect(await run(LOGIN, { login: granted }, { t: 'COOKIE' })).toBeNull()
    expect(session.userId).toBe('2')
  })

  it('a sign-in that could not be renewed leaves the session alone, and says what to ask for', async () => {
    await signedIn()
    expect(await run(LOGIN, { login: granted })).toContain('tokenTransport: COOKIE')
    expect(await run('mutation { register { accessToken } }', { register: granted })).toContain('user { id }')
    expect(session.userId).toBe('1')
  })

  it('a failed sign-in changes nothing', async () => {
    await signedIn()
    expect(await run(LOGIN, null)).toBeNull()
    expect(await run(LOGIN, { login: null })).toBeNull()
    expect(session.userId).toBe('1')
  })

  it.each([
    ['without an argument', {}, undefined, true],
    ['with its refresh token', { token: tokenOf('own') }, undefined, true],
    ['with the header of its own session', {}, `Bearer ${tokenOf('own')}`, true],
    ['with the refresh token of another session', { token: tokenOf('other') }, undefined, false],
    ['with junk', { token: 'junk' }, undefined, false],
    ['with the header of another session', {}, `Bearer ${tokenOf('other')}`, false],
  ])('`logout` %s', async (_name, variables, byHand, ends) => {
    await signedIn()
    const query = 'mutation ($token: String) { bye: logout(refreshToken: $token) }'
    await run(query, { bye: true }, variables, byHand)
    expect(session.userId).toBe(ends ? null : '1')
    expect([expected, over]).toEqual(ends ? [1, 1] : [0, 0])
  })

  it('a `logout` that failed does not sign out', async () => {
    await signedIn()
    await run('mutation { logout }', null)
    expect(session.userId).toBe('1')
    expect([expected, over]).toEqual([1, 1])
  })

  it('a `logout` that got no answer is over, and does not sign out', async () => {
    await signedIn()
    const url = 'http://127.0.0.1:1/graphql'
    const nothing = () => {}
    const watching = { onTokenUse: nothing, notify: nothing, reportSchema: nothing, reportSubscription: nothing }
    const send = createPlaygroundFetcher({ session, url, expectSignOut, ...watching })
    expect(await send({ query: 'mutation { logout }' })).toHaveProperty('errors')
    expect(session.userId).toBe('1')
    expect([expected, over]).toEqual([1, 1])
  })

  it('a late `logout` does not sign out a newer sign-in', async () => {
    await signedIn()
    const tokens = await watch('mutation { logout }')
    await signInMeanwhile()
    await tokens.adopt({ logout: true })
    expect(session.userId).toBe('3')
    expect([expected, over]).toEqual([1, 1])
  })

  it('a late `refreshToken` does not replace a newer sign-in', async () => {
    await signedIn()
    const query =
      'mutation ($r: String) { refreshToken(refreshToken: $r) { accessToken accessTokenExpiresIn refreshToken user { id } } }'
    const tokens = await watch(query, { r: tokenOf('own') })
    await signInMeanwhile()
    const next = { accessTokenExpiresIn: 60, refreshToken: tokenOf('own', 2), user: { id: '1' } }
    await tokens.adopt({ refreshToken: { accessToken: tokenOf('own', 2), ...next } })
    expect(session.userId).toBe('3')
    expect(await session.getAccessToken()).toBe(tokenOf('newer'))
  })

  it('a late `login` with a selected refresh token does not replace a newer sign-in, and says so', async () => {
    await signedIn()
    const query = 'mutation { login { accessToken accessTokenExpiresIn refreshToken user { id } } }'
    const tokens = await watch(query)
    await signInMeanwhile()
    const words = await tokens.adopt({ login: { ...granted, refreshToken: tokenOf('new') } })
    expect(words).toContain('signed in or out since')
    expect(session.userId).toBe('3')
  })

  it('a late `login` with the cookie replaces a newer sign-in, as its cookie already has', async () => {
    await signedIn()
    const tokens = await watch(LOGIN, { t: 'COOKIE' })
    await signInMeanwhile()
    expect(await tokens.adopt({ login: granted })).toBeNull()
    expect(session.userId).toBe('2')
  })

  it('`refreshToken` with the token that the session keeps replaces it, so that it is not used twice', async () => {
    const query =
      'mutation ($r: String) { refreshToken(refreshToken: $r) { accessToken accessTokenExpiresIn refreshToken user { id } } }'
    await signedIn()
    const next = {
      accessToken: tokenOf('own', 2),
      accessTokenExpiresIn: 60,
      refreshToken: tokenOf('own', 2),
      user: { id: '1' },
    }
    await run(query, { refreshToken: next }, { r: tokenOf('own') })
    expect(await session.getAccessToken()).toBe(tokenOf('own', 2))
    expect(refreshes).toEqual([])
  })

  it('`refreshToken` that selects too little makes the session fetch the same successor', async () => {
    await signedIn()
    const query = 'mutation ($r: String) { refreshToken(refreshToken: $r) { accessToken } }'
    await run(query, { refreshToken: { accessToken: tokenOf('own', 2) } }, { r: tokenOf('own') })
    expect(refreshes).toEqual([tokenOf('own')])
    expect(await session.getAccessToken()).toBe(tokenOf('own', 3))
  })

  it('`refreshToken` of another session changes nothing', async () => {
    await signedIn()
    const query = 'mutation ($r: String) { refreshToken(refreshToken: $r) { accessToken } }'
    await run(query, { refreshToken: { accessToken: tokenOf('other', 2) } }, { r: tokenOf('other') })
    expect(refreshes).toEqual([])
  })

  it(`fills "${THIS_SESSION}" in with the session of the operation, and leaves other variables as they are`, async () => {
    await signedIn()
    const variables = { id: THIS_SESSION, name: `not ${THIS_SESSION}` }
    expect(await fillInSession(variables, session, undefined)).toEqual({ ...variables, id: 'own' })
    expect(await fillInSession(variables, session, `Bearer ${tokenOf('other')}`)).toEqual({ ...variables, id: 'other' })
    expect(await fillInSession(variables, session, 'junk')).toBe(variables)
    expect(await fillInSession(undefined, session, undefined)).toBeUndefined()
  })
})
