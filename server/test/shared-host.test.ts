import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { somebody } from './support/people.ts'
import { type Answer, operations, refusal, type TestClient } from './support/test-client.ts'
import {
  accessTokenSecret,
  refreshTokenSecret,
  startTestServer,
  type TestKeys,
  type TestServer,
} from './support/test-server.ts'

const keys = (kid: string, suffix: string): TestKeys => ({
  access: [{ kid, secret: `${accessTokenSecret}${suffix}` }],
  refresh: [{ kid, secret: `${refreshTokenSecret}${suffix}` }],
})
const inCookie = () => somebody({ tokenTransport: 'COOKIE' })
const setCookies = (answer: Answer) => answer.headers.getSetCookie()
const missing = { code: 'BAD_USER_INPUT', field: 'refreshToken' }
const cookieNames = ({ jar }: TestClient) => [...jar.keys()].sort()

/** The types of the security events of a user, the oldest first. */
const eventsOf = async (server: TestServer, userId: string) =>
  (await server.dataSource.query('SELECT type FROM security_events WHERE user_id = $1 ORDER BY id', [userId])).map(
    ({ type }: { type: string }) => type,
  )

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ LOG_LEVEL: 'warn' })
})
afterAll(() => server.stop())

describe.each([
  ['other keys', {}, keys('test', ' of another deployment')],
  ['an unknown key id', {}, keys('other', '')],
  ['another issuer', { TOKEN_ISSUER: 'another deployment' }, keys('test', '')],
  ['another audience', { TOKEN_AUDIENCE: 'another deployment' }, keys('test', '')],
])('two deployments on one host with one COOKIE_NAME, the second with %s', (_name, env, otherKeys) => {
  let other: TestServer
  beforeAll(async () => {
    other = await startTestServer({ LOG_LEVEL: 'warn', ...env }, { keys: otherKeys })
  })
  afterAll(() => other.stop())

  /** One browser that signs in to this deployment, then to the other one, whose cookie replaces the first one. */
  async function signInToBoth() {
    const here = server.client()
    const there = other.client({}, here.jar)
    const mine = await here.register(inCookie())
    const myCookie = here.jar.get('refresh-token') ?? ''
    const theirs = await there.register(inCookie())
    return { here, there, mine, theirs, myCookie }
  }

  it('S11, S18: takes the cookie of the other for missing, says why, and harms neither session', async () => {
    const { here, there, mine, myCookie } = await signInToBoth()
    const statements = server.statements.length
    const answer = await here.send(operations.refreshToken)
    expect(refusal(answer)).toEqual(missing)
    expect(answer.body.errors?.[0]?.message).toContain('COOKIE_NAME')
    expect(setCookies(answer)).toEqual([])
    expect(server.statements.length).toBe(statements)
    await there.refresh()
    expect(refusal(await here.me(mine.accessToken))).toBeUndefined()
    here.jar.set('refresh-token', myCookie)
    await here.refresh()
    expect(await eventsOf(server, mine.user.id)).toEqual(['SIGNED_IN'])
    expect([...server.logLines, ...other.logLines]).toEqual([])
  })

  it('S14, S18: sign-out ends the session of the access token and leaves the cookie and session of the other', async () => {
    const { here, there, mine, theirs } = await signInToBoth()
    const cookies = new Map(here.jar)
    const answer = await here.logout(mine.accessToken)
    expect(answer.body).toEqual({ data: { logout: true } })
    expect(setCookies(answer)).toEqual([])
    expect(new Map(here.jar)).toEqual(cookies)
    expect(refusal(await here.me(mine.accessToken))?.reason).toBe('SESSION_REVOKED')
    expect(await eventsOf(server, mine.user.id)).toEqual(['SIGNED_IN', 'SESSION_ENDED'])
    await there.refresh()
    expect(refusal(await there.me(theirs.accessToken))).toBeUndefined()
    expect([...server.logLines, ...other.logLines]).toEqual([])
  })

  it('S14, S18: sign-out with nothing but the cookie of the other ends nothing', async () => {
    const { here, there, mine } = await signInToBoth()
    const answer = await here.logout()
    expect(answer.body).toEqual({ data: { logout: true } })
    expect(setCookies(answer)).toEqual([])
    expect(refusal(await here.me(mine.accessToken))).toBeUndefined()
    await there.refresh()
    expect(await eventsOf(server, mine.user.id)).toEqual(['SIGNED_IN'])
  })
})

describe('two deployments on one host with a COOKIE_NAME each', () => {
  it.each(['false', 'true'])(
    'S18: have sessions side by side through refreshes and sign-outs, with COOKIE_SECURE=%s',
    async (COOKIE_SECURE) => {
      const apps = await Promise.all(
        ['crm', 'shop'].map((name) =>
          startTestServer({ LOG_LEVEL: 'warn', COOKIE_NAME: name, COOKIE_SECURE }, { keys: keys('test', name) }),
        ),
      )
      const [crm, shop] = apps as [TestServer, TestServer]
      try {
        const atCrm = crm.client()
        const atShop = shop.client({}, atCrm.jar)
        const prefix = COOKIE_SECURE === 'true' ? '__Host-' : ''
        const namesOf = (name: string) => [name, `${name}-device`, `${name}-hint`].map((one) => `${prefix}${one}`)
        const first = await atCrm.register(inCookie())
        const second = await atShop.register(inCookie())
        expect(cookieNames(atCrm)).toEqual([...namesOf('crm'), ...namesOf('shop')])
        for (let round = 0; round < 3; round += 1) {
          await Promise.all(apps.map((app) => app.clock.advance({ minutes: 2 })))
          expect((await atCrm.refresh()).user).toEqual(first.user)
          expect((await atShop.refresh()).user).toEqual(second.user)
        }
        await atCrm.logout()
        expect(cookieNames(atCrm)).toEqual([`${prefix}crm-device`, ...namesOf('shop')])
        expect((await atShop.refresh()).user).toEqual(second.user)
        const again = await atCrm.register(inCookie())
        await atShop.logout()
        expect((await atCrm.refresh()).user).toEqual(again.user)
        expect(await eventsOf(crm, first.user.id)).toEqual(['SIGNED_IN', 'SESSION_ENDED'])
        expect(await eventsOf(shop, second.user.id)).toEqual(['SIGNED_IN', 'SESSION_ENDED'])
        expect(apps.flatMap(({ logLines }) => logLines)).toEqual([])
      } finally {
        for (const app of apps) await app.stop()
      }
    },
  )
})

describe('several cookies of one name', () => {
  /** Sends cookies as a browser does that has some of the same name from several paths or subdomains. */
  const withCookies = (...values: string[]) =>
    server.client({ cookie: values.map((value) => `refresh-token=${value}`).join('; ') })

  /** Two generations of one session; the grace period of the first one is over. */
  async function twoGenerations() {
    const client = server.client()
    const { user } = await client.register(inCookie())
    const spent = client.jar.get('refresh-token') ?? ''
    await server.clock.advance({ minutes: 2 })
    const { accessToken } = await client.refresh()
    const current = client.jar.get('refresh-token') ?? ''
    await server.clock.advance({ minutes: 2 })
    return { user, spent, current, accessToken }
  }

  it.each([
    ['garbage', () => 'garbage'],
    ['an empty one', () => ''],
    ['a token of another type', ({ accessToken }: { accessToken: string }) => accessToken],
    ['one that cannot be decoded', () => '%E0%A4%A'],
  ])('S18: uses ours beside %s, in any order', async (_name, makeOther) => {
    const tokens = await twoGenerations()
    const other = makeOther(tokens)
    for (const cookies of [
      [other, tokens.current],
      [tokens.current, other],
    ]) {
      expect((await withCookies(...cookies).refresh()).user).toEqual(tokens.user)
    }
  })

  it('S8, S18: uses the newest of ours, in any order, so that an old one at another path is not reuse', async () => {
    for (const order of [1, -1]) {
      const { user, spent, current } = await twoGenerations()
      const cookies = [spent, current].slice().sort(() => order)
      expect((await withCookies(...cookies).refresh()).user).toEqual(user)
      expect(await eventsOf(server, user.id)).toEqual(['SIGNED_IN'])
    }
  })

  it('S14, S18: sign-out ends the session of ours and clears it', async () => {
    const { current } = await twoGenerations()
    const answer = await withCookies('garbage', current).logout()
    expect(setCookies(answer)).toEqual([expect.stringMatching(/^refresh-token=;/), expect.stringMatching(/-hint=;/)])
    expect(refusal(await withCookies(current).send(operations.refreshToken))?.reason).toBe('SESSION_REVOKED')
  })
})
