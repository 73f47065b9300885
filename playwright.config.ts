import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { findChromium } from './scripts/find-chromium.mjs'

/** Here access tokens live for two seconds: for tests of what happens when they expire by themselves. */
const port = Number(process.env.E2E_PORT ?? 4310)
/** Here they live as long as by default: for all other tests, so that a slow machine is no trouble. */
const calmPort = port + 100
process.env.CALM_URL = `http://localhost:${calmPort}`

// Workers read this file too: one folder for all, made and removed by the process that is first.
if (!process.env.E2E_DATA_DIR) {
  const made = mkdtempSync(join(tmpdir(), 'silent-refresh-e2e-'))
  chmodSync(made, 0o755) // Postgres' own user must be able to pass when the tests run as root.
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  process.env.E2E_DATA_DIR = made
}
const dataDir = process.env.E2E_DATA_DIR

/** One server, with a folder of its own for its data. */
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

export default defineConfig<object, { gracePeriod: string }>({
  workers: 2,
  projects: [
    { name: 'app', testDir: 'e2e/app', fullyParallel: true },
    { name: 'examples', testDir: 'e2e/examples', fullyParallel: true },
    // One worker each, for each worker starts a server of its own.
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
  // A second try under CI, as machines hiccup; `npm test` names every test that needed one.
  retries: process.env.CI ? 1 : 0,
  // Generous: what takes this long on a busy machine is slow, and no failure.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: process.env.E2E_JSON ? [['list'], ['json', { outputFile: process.env.E2E_JSON }]] : 'list',
  use: {
    baseURL: `http://localhost:${port}`,
    locale: 'en-US',
    screenshot: 'only-on-failure',
    // To record is a third of all the time: `npm run test:e2e -- --trace retain-on-failure` when one is needed.
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
      ...server(calmPort, 'calm-data', {}),
      // The first start tells the admin's password once; tests read it as `process.env.ADMIN_PASSWORD`.
      wait: { stdout: /admin@example\.com \(ADMIN\) with the password (?<admin_password>\S+);/ },
    },
  ],
})
