import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { findChromium } from './scripts/find-chromium.mjs'

/** A server whose access tokens expire after two seconds, for tests of expiry. */
const port = Number(process.env.E2E_PORT ?? 4310)
/** A server with the default token lifetime, for all other tests, so that they also pass on a slow machine. */
const defaultTtlPort = port + 100
process.env.DEFAULT_TTL_URL = `http://localhost:${defaultTtlPort}`

// Workers load this file too. The first process creates one folder for all, and removes it.
if (!process.env.E2E_DATA_DIR) {
  const created = mkdtempSync(join(tmpdir(), 'silent-refresh-e2e-'))
  chmodSync(created, 0o755) // When the tests run as root, Postgres runs as another user and must be able to enter.
  process.on('exit', () => rmSync(created, { recursive: true, force: true }))
  process.env.E2E_DATA_DIR = created
}
const dataDir = process.env.E2E_DATA_DIR

/** The settings of a server with its own data folder. */
export function server(ownPort: number, folder: string, env: Record<string, string>) {
  return {
    command: 'node server/dist/main.js',
    url: `http://localhost:${ownPort}/readyz`,
    env: {
      PORT: String(ownPort),
      DATA_DIR: join(dataDir, folder),
      PASSWORD_COST: '4',
      LOG_LEVEL: 'warn',
      RATE_LIMIT_LOGIN_PER_ADDRESS: '0',
      RATE_LIMIT_REFRESH_PER_SESSION: '0',
      ...env,
    },
    gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 10_000 },
  }
}

/** The first start prints the admin's password once; Playwright passes it to the tests as `process.env.ADMIN_PASSWORD`. */
export const adminPassword = { stdout: /admin@example\.com \(ADMIN\) with the password (?<admin_password>\S+);/ }

export default defineConfig<object, { gracePeriod: string }>({
  workers: 2,
  projects: [
    { name: 'app', testDir: 'e2e/app', fullyParallel: true },
    { name: 'examples', testDir: 'e2e/examples', fullyParallel: true },
    // One worker each, because every worker starts a server.
    { name: 'library', testDir: 'e2e/library', workers: 1 },
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
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: process.env.E2E_JSON ? [['list'], ['json', { outputFile: process.env.E2E_JSON }]] : 'list',
  use: {
    baseURL: `http://localhost:${port}`,
    locale: 'en-US',
    screenshot: 'only-on-failure',
    // No traces: recording takes a third of the time. If you need them: `npm run test:e2e -- --trace retain-on-failure`.
    launchOptions: {
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
    },
  },
  webServer: [
    server(port, 'data', { ACCESS_TOKEN_TTL: '2s', RATE_LIMIT_LOGIN_PER_ACCOUNT: '0' }),
    {
      ...server(defaultTtlPort, 'default-ttl-data', {}),
      wait: adminPassword,
    },
  ],
})
