import { defineConfig, type ReporterDescription } from '@playwright/test'
import type { EngineName } from './e2e/engines/engine-test.ts'
import { server } from './e2e/support/server-settings.ts'
import { findEngines } from './scripts/find-engines.mjs'

const port = Number(process.env.E2E_PORT ?? 4310)
const longTtlPort = port + 100

const { installed, missing } = findEngines()
const report: ReporterDescription[] = process.env.ENGINES_JSON
  ? [['json', { outputFile: process.env.ENGINES_JSON }]]
  : []

/** `npm run test:engines`: a short run of the built library and app in other engines than Chromium. */
export default defineConfig<{ api: string }, { engineName: EngineName }>({
  testDir: 'e2e/engines',
  // One worker, which is one browser, for each engine.
  workers: 2,
  projects: installed.map((engineName) => ({ name: engineName, workers: 1, use: { engineName } })),
  forbidOnly: Boolean(process.env.CI),
  // CI retries a failed test once; `npm test` lists the tests that needed it.
  retries: process.env.CI ? 1 : 0,
  // Generous, so that a test on a busy machine is slow instead of failing.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ...report, ['./e2e/engines/summary.ts', { missing }]],
  use: { baseURL: `http://localhost:${port}`, api: `http://localhost:${longTtlPort}` },
  webServer: installed.length
    ? [
        server(port, 'data', { ACCESS_TOKEN_TTL: '2s', RATE_LIMIT_LOGIN_PER_ACCOUNT: '0' }),
        server(longTtlPort, 'long-ttl-data', { ACCESS_TOKEN_TTL: '30m', RATE_LIMIT_LOGIN_PER_ACCOUNT: '0' }),
      ]
    : [],
})
