import { defineConfig } from '@playwright/test'
import { server } from './e2e/support/server-settings.ts'
import { findChromium } from './scripts/find-chromium.mjs'

/** A server whose access tokens expire after two seconds, for tests of expiry. */
const port = Number(process.env.E2E_PORT ?? 4310)
/** A server with the default token lifetime, for all other tests, so that they also pass on a slow machine. */
const defaultTtlPort = port + 100
process.env.DEFAULT_TTL_URL = `http://localhost:${defaultTtlPort}`

/** The first start prints the admin's password once; Playwright passes it to the tests as `process.env.ADMIN_PASSWORD`. */
export const adminPassword = { stdout: /admin@example\.com \(ADMIN\) with the password (?<admin_password>\S+);/ }

const launchOptions = {
  executablePath: findChromium(),
  args: [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}
/** Two names of one site, which no real host has. */
const siblings = ['--host-resolver-rules=MAP *.example.test 127.0.0.1']

export default defineConfig<object, { gracePeriod: string }>({
  // One more than the cores of a small machine, because many tests wait for tokens to expire.
  workers: 3,
  projects: [
    { name: 'app', testDir: 'e2e/app', fullyParallel: true },
    { name: 'examples', testDir: 'e2e/examples', fullyParallel: true },
    // One worker each, because every worker starts a server.
    { name: 'library', testDir: 'e2e/library', workers: 1 },
    {
      name: 'cross-origin',
      testDir: 'e2e/cross-origin',
      workers: 1,
      use: { launchOptions: { ...launchOptions, args: [...launchOptions.args, ...siblings] } },
    },
    {
      name: 'library, strict rotation',
      testDir: 'e2e/library',
      testIgnore: '**/sign-out.spec.ts',
      workers: 1,
      use: { gracePeriod: '0' },
    },
  ],
  forbidOnly: Boolean(process.env.CI),
  // CI retries a failed test once; `npm test` lists the tests that needed it.
  retries: process.env.CI ? 1 : 0,
  // Generous, so that a test on a busy machine is slow instead of failing.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: process.env.E2E_JSON ? [['list'], ['json', { outputFile: process.env.E2E_JSON }]] : 'list',
  use: {
    baseURL: `http://localhost:${port}`,
    locale: 'en-US',
    screenshot: 'only-on-failure',
    // No traces: recording takes a third of the time. If you need them: `npm run test:e2e -- --trace retain-on-failure`.
    launchOptions,
  },
  webServer: [
    server(port, 'data', { ACCESS_TOKEN_TTL: '2s', RATE_LIMIT_LOGIN_PER_ACCOUNT: '0' }),
    {
      ...server(defaultTtlPort, 'default-ttl-data', {}),
      wait: adminPassword,
    },
  ],
})
