import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { APIRequestContext, Page } from '@playwright/test'
import { createBuilder } from 'vite'
import { Gateway } from '../support/gateway.ts'
import { test as base, DEFAULT_TTL, expect } from '../support/test.ts'
import { createUser, newUser, signIn, type User } from '../support/users.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/vue-ssr')

interface Fixtures {
  /** Between the example and the API: counts the refreshes of both the server and the browser. */
  gateway: Gateway
  /** The API's origin, as the example knows it. */
  api: string
  /** The origin of the example, which runs as its README describes. */
  site: string
  /** `production`: as built. */
  nodeEnv: string
  /** A user who has signed in at the site. */
  user: User
}

const test = base.extend<Fixtures>({
  nodeEnv: ['production', { option: true }],
  gateway: async ({ baseURL }, use) => {
    const gateway = new Gateway(baseURL ?? '')
    await use(gateway)
    await gateway.close()
  },
  api: async ({ gateway }, use) => {
    await use(await gateway.listen())
  },
  site: async ({ api, nodeEnv }, use) => {
    // The timeout is long enough for a slow machine.
    const settings = { NODE_ENV: nodeEnv, PORT: '0', API_URL: `${api}/graphql`, RENDER_TIMEOUT_MS: '60000' }
    const env = { ...process.env, ...settings }
    const server = spawn(process.execPath, [join(EXAMPLE, 'server.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const [origin] = await once(createInterface(server.stdout), 'line')
    await use(origin)
    server.kill()
    await once(server, 'exit')
  },
  user: async ({ page, request, site }, use) => {
    const user = await createUser(request)
    await page.goto(site)
    await signIn(page, user)
    await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
    await use(user)
  },
})

// One build for all tests of this file.
test.describe.configure({ mode: 'default' })
test.beforeAll(async () => {
  const builder = await createBuilder({ configFile: join(EXAMPLE, 'vite.config.ts'), logLevel: 'error' })
  await builder.buildApp()
})

/** Waits until the browser has taken over the page. */
const hydrated = (page: Page) => page.waitForFunction(() => '__vue_app__' in (document.getElementById('app') ?? {}))

/** Loads the page, as the server has rendered it. */
async function load(page: Page, site: string): Promise<string> {
  const response = await page.goto(site)
  expect(response?.headers()['cache-control']).toBe('no-store')
  const html = (await response?.text()) ?? ''
  expect(html).not.toMatch(/eyJ|accessToken|refreshToken/)
  return html
}

const loadAgain = (page: Page) => page.getByRole('button', { name: 'Load again' }).click()

/** Registers a user. @returns what a browser would have then */
async function joinIn(request: APIRequestContext, site: string) {
  const { username, email, password } = newUser()
  const answer = await request.post(`${site}/graphql`, {
    data: {
      query: 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }',
      variables: { input: { username, email, password, tokenTransport: 'COOKIE' } },
    },
  })
  const cookies = answer.headersArray().filter(({ name }) => name.toLowerCase() === 'set-cookie')
  const cookie = cookies.map(({ value }) => value.split(';')[0]).join('; ')
  return { username, cookie, id: (await answer.json()).data.register.user.id as string }
}

test('C7: examples/vue-ssr keeps working across two token expirations', async ({ page, site, traffic, user }) => {
  await load(page, site)
  await expect(async () => {
    await loadAgain(page)
    expect(traffic.count('SilentRefresh')).toBeGreaterThanOrEqual(3)
  }).toPass()
  await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
  await expect(page.getByRole('alert')).toHaveCount(0)
})

// Here, access tokens expire when a test says so.
test.describe('with the default lifetime of tokens', () => {
  test.use(DEFAULT_TTL)

  test('C16: examples/vue-ssr renders as the user, and the browser continues without a refresh at the start', async ({
    page,
    site,
    gateway,
    traffic,
    user,
  }) => {
    const { refreshes } = gateway
    traffic.clear()
    expect(await load(page, site)).toContain(`<h1>Hello, ${user.username}</h1>`)
    expect(gateway.refreshes).toBe(refreshes + 1)
    await hydrated(page)
    expect(traffic.responses).toEqual([])
    // The first request refreshes, and so do those after an expiry.
    for (let refresh = 1; refresh <= 3; refresh++) {
      await loadAgain(page)
      await expect(page.getByText(`${refresh} responses`)).toBeVisible()
      expect(traffic.count('SilentRefresh')).toBe(refresh)
      gateway.expire()
    }
    await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
  })

  test('C16: two tabs that are opened at the same moment both stay signed in', async ({
    page,
    site,
    gateway,
    user,
  }) => {
    const other = await page.context().newPage()
    // Both requests carry the same cookie. The first one gets its answer last.
    const release = gateway.hold('response')
    const first = load(page, site)
    await expect.poll(() => gateway.refreshes).toBeGreaterThan(0)
    // Chromium would make a second request to the same URL wait for the first.
    const rendered = [await load(other, `${site}/?other`)]
    release()
    rendered.push(await first)
    for (const html of rendered) expect(html).toContain(`<h1>Hello, ${user.username}</h1>`)
    for (const tab of [page, other, page, other]) {
      await tab.reload()
      await hydrated(tab)
      await loadAgain(tab)
      await expect(tab.getByText('1 responses')).toBeVisible()
      await expect(tab.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
    }
  })

  test('C16: a refresh whose answer is lost renders a visitor’s page, and the browser finds itself signed in', async ({
    page,
    site,
    gateway,
    user,
  }) => {
    // The API has replaced the token, but nobody gets the new one.
    gateway.hold('response')('503')
    expect(await load(page, site)).toContain('<h1>Hello, visitor</h1>')
    await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
    expect(await load(page, site)).toContain(`<h1>Hello, ${user.username}</h1>`)
  })

  test('C16: a visit from another site, which carries no cookie, renders a visitor’s page that finds itself signed in', async ({
    page,
    site,
    gateway,
    user,
  }) => {
    const { refreshes } = gateway
    const link = `<!doctype html><link rel="icon" href="data:,"><a href="${site}">Visit</a>`
    await page.route('http://elsewhere.test/', (route) => route.fulfill({ contentType: 'text/html', body: link }))
    await page.goto('http://elsewhere.test/')
    const response = page.waitForResponse(`${site}/`)
    await page.getByRole('link').click()
    expect(await (await response).text()).toContain('<h1>Hello, visitor</h1>')
    await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
    expect(gateway.refreshes).toBe(refreshes + 1)
  })

  test('C16: forty renders at once for two users show each user only their own name', async ({ playwright, site }) => {
    const contexts = await Promise.all([1, 2].map(() => playwright.request.newContext()))
    const users = await Promise.all(contexts.map((request) => joinIn(request, site)))
    const visits = Array.from({ length: 40 }, async (_, index) => {
      const user = users[index % 2] as (typeof users)[number]
      const response = await fetch(site, { headers: { cookie: user.cookie } })
      return { user, html: await response.text(), cookies: response.headers.getSetCookie() }
    })
    const tokens = new Map(users.map(({ id }) => [id, new Set<string | undefined>()]))
    for (const { user, html, cookies } of await Promise.all(visits)) {
      const [stranger] = users.filter(({ id }) => id !== user.id)
      expect(html).toContain(`<h1>Hello, ${user.username}</h1>`)
      for (const secret of [stranger?.username, stranger?.id]) expect(html).not.toContain(secret)
      expect(cookies).toEqual([
        expect.stringMatching(/^refresh-token=.*HttpOnly/),
        expect.stringMatching(`^refresh-token-hint=${user.id};`),
      ])
      tokens.get(user.id)?.add(cookies[0]?.split(';')[0])
    }
    // Each session has moved on by one generation, whatever the number of renders.
    expect([...tokens.values()].map(({ size }) => size)).toEqual([1, 1])
    await Promise.all(contexts.map((context) => context.dispose()))
  })

  test('C16: a render leaves the device as it is in the list of sessions', async ({ page, site, request, user }) => {
    await load(page, site)
    const login = await request.post(`${site}/graphql`, {
      data: {
        query: 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }',
        variables: { input: { email: user.email, password: user.password } },
      },
    })
    const { accessToken } = (await login.json()).data.login
    const answer = await request.post(`${site}/graphql`, {
      data: { query: '{ sessions { userAgent } }' },
      headers: { authorization: `Bearer ${accessToken}` },
    })
    const { sessions } = (await answer.json()).data as { sessions: { userAgent: string }[] }
    const browser = await page.evaluate(() => navigator.userAgent)
    expect(sessions.filter(({ userAgent }) => userAgent === browser)).toHaveLength(1)
  })

  test('C16: after a sign-out, the page is rendered for a visitor', async ({ page, site, gateway, user }) => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('status')).toHaveText('Your session has ended (SIGNED_OUT).')
    const { refreshes } = gateway
    expect(await load(page, site)).not.toContain(user.username)
    await hydrated(page)
    await expect(page.getByRole('heading')).toHaveText('Hello, visitor')
    expect(gateway.refreshes).toBe(refreshes)
  })

  test.describe('without the API', () => {
    test.use({ expectedErrors: /status of 502/ })

    test('C16: a sign-out that has not reached the API yet holds on the server, too', async ({
      page,
      site,
      gateway,
      user,
    }) => {
      const restore = gateway.fail('cut')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page.getByRole('status')).toHaveText('Your session has ended (SIGNED_OUT).')
      restore()
      const { refreshes } = gateway
      expect(await load(page, site)).not.toContain(user.username)
      await hydrated(page)
      await expect(page.getByRole('heading')).toHaveText('Hello, visitor')
      expect(gateway.refreshes).toBe(refreshes)
    })
  })

  test('examples/vue-ssr escapes a name that contains a script', async ({ page, site, request }) => {
    const { username, ...rest } = newUser()
    const user = await createUser(request, { ...rest, username: `</script><b>${username}` })
    await page.goto(site)
    await signIn(page, user)
    await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
    expect(await load(page, site)).not.toContain('<b>')
    await hydrated(page)
    await expect(page.getByRole('heading')).toHaveText(`Hello, ${user.username}`)
  })

  test.describe('without the gateway', () => {
    test.use({ api: async ({ baseURL }, use) => use(baseURL ?? '') })

    test('examples/vue-ssr forwards WebSockets to the API', async ({ page, site }) => {
      await page.goto(site)
      const answer = page.evaluate(
        () =>
          new Promise((resolve) => {
            const socket = new WebSocket('/graphql', 'graphql-transport-ws')
            socket.onopen = () => socket.send('{"type":"ping"}')
            socket.onmessage = ({ data }) => resolve(data)
            socket.onclose = ({ code }) => resolve(code)
          }),
      )
      expect(await answer).toBe('{"type":"pong"}')
    })
  })

  test.describe('during development', () => {
    test.use({ nodeEnv: 'development' })

    test('examples/vue-ssr renders from its sources', async ({ page, site, user }) => {
      expect(await load(page, site)).toContain(`<h1>Hello, ${user.username}</h1>`)
      await hydrated(page)
      await loadAgain(page)
      await expect(page.getByText('1 responses')).toBeVisible()
    })
  })
})
