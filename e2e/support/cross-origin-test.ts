import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test as base, expect, type Page } from '@playwright/test'
import { build } from 'esbuild'
import { newDataDir } from '../../server/test/support/processes/data-dir.ts'
import { startServerProcess } from '../../server/test/support/processes/server-process.ts'
import type { CrossOriginOptions } from './cross-origin-page.ts'
import { newUser, type User } from './users.ts'

/** Hosts of pages that may call the API. Chromium resolves `*.localhost`; the project maps `*.example.test`. */
const HOSTS = ['127.0.0.1', 'localhost', 'app.localhost', 'app.example.test']
/** Pages of native shells that may call the API. */
export const SHELLS = ['https://localhost', 'capacitor://localhost', 'app://.']

interface WorkerFixtures {
  /** The app's script with the built library. */
  script: string
  /** The port of the pages. */
  pagePort: string
  /** The port of an API whose access tokens expire after two seconds. */
  apiPort: string
}

interface Fixtures {
  /** What the console says, without the 401 of a token that expired in flight, which is replayed (C7). */
  consoleMessages: string[]
  /** An account. */
  user: User
  /** Opens a page at this origin and creates the app's session. */
  openApp(origin: string, options: CrossOriginOptions): Promise<Page>
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  script: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
    async ({}, use) => use(await bundle()),
    { scope: 'worker' },
  ],
  pagePort: [
    async ({ script }, use) => {
      const server = createServer((_, response) => {
        response.setHeader('content-type', 'text/html; charset=utf-8').end(pageWith(script))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      await use(String((server.address() as AddressInfo).port))
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    { scope: 'worker' },
  ],
  apiPort: [
    async ({ pagePort }, use) => {
      const dataDir = await newDataDir('cross-origin')
      const server = startServerProcess({
        DATA_DIR: dataDir,
        ACCESS_TOKEN_TTL: '2s',
        RATE_LIMIT_LOGIN_PER_ACCOUNT: '0',
        CORS_ORIGINS: [...HOSTS.map((host) => `http://${host}:${pagePort}`), ...SHELLS].join(),
        RATE_LIMIT_LOGIN_PER_ADDRESS: '0',
        RATE_LIMIT_REFRESH_PER_SESSION: '0',
      })
      await use(new URL(await server.ready).port)
      await server.end('SIGTERM')
      rmSync(dataDir, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],
  consoleMessages: [
    async ({ context }, use) => {
      const messages: string[] = []
      context.on('console', (message) => {
        const isBad = message.type() === 'error' || message.type() === 'warning'
        if (isBad && !/status of 401|favicon/.test(message.text())) messages.push(message.text())
      })
      context.on('weberror', (error) => messages.push(String(error.error())))
      await use(messages)
    },
    { auto: true },
  ],
  user: async ({ apiPort }, use) => {
    const user = newUser()
    await post(apiPort, 'mutation Join($input: RegisterInput!) { register(input: $input) { user { id } } }', user)
    await use(user)
  },
  openApp: async ({ page }, use) => {
    await use(async (origin, options) => {
      await page.goto(origin)
      await page.evaluate((given) => window.startApp(given), options)
      return page
    })
  },
})

/** Signs in on another device, which is a security event. */
export const signInElsewhere = (apiPort: string, { email, password }: User): Promise<void> =>
  post(apiPort, 'mutation Elsewhere($input: LoginInput!) { login(input: $input) { user { id } } }', { email, password })

async function post(apiPort: string, query: string, input: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${apiPort}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  })
  expect(await answer.json()).not.toHaveProperty('errors')
}

/** Uses the app with all its clients across three expiries, and fails unless everything has gone well. */
export async function expectThreeExpiries(page: Page, apiPort: string, user: User): Promise<void> {
  const report = () => page.evaluate(() => window.app.report())
  const { refreshes } = await report()
  await page.evaluate(() => window.app.useAll())
  await expect.poll(async () => (await report()).refreshes - refreshes, { timeout: 60_000 }).toBeGreaterThanOrEqual(3)
  const { answers } = await report()
  await expect
    .poll(async () => {
      await signInElsewhere(apiPort, user)
      return (await report()).events
    })
    .toContain('SIGNED_IN')
  await expect.poll(async () => (await report()).answers.apollo).toBeGreaterThan(answers.apollo)
  expect(await report()).toMatchObject({ ended: [], failures: [] })
  expect((await report()).answers.fetch).toBeGreaterThan(0)
  expect((await report()).state).not.toBe('signedOut')
}

/** A page that runs the script. */
export const pageWith = (script: string): string =>
  `<!doctype html><link rel="icon" href="data:,"><title>App</title><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`

/** Bundles the app with the built package. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'cross-origin-page.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    define: { 'globalThis.__DEV__': 'false' },
    // Without the paths of e2e/tsconfig.json, which lead to the sources.
    tsconfigRaw: {},
  })
  return outputFiles[0]?.text ?? ''
}

export { expect }
