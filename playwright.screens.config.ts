import { server } from './e2e/support/server-settings.ts'
import base, { adminPassword } from './playwright.config.ts'

const port = Number(process.env.E2E_PORT ?? 4310)

/** Takes the screenshots in docs/screens: `npm run build && npm run screens`. */
export default {
  ...base,
  projects: [{ name: 'screens', testDir: 'e2e/screens', testMatch: '*.screens.ts' }],
  workers: 1,
  webServer: {
    // A token lifetime that shows in the pictures; TRUST_PROXY lets them use addresses reserved for documentation.
    ...server(port, 'data', { ACCESS_TOKEN_TTL: '20s', TRUST_PROXY: 'true' }),
    wait: adminPassword,
  },
}
