import base, { server } from './playwright.config.ts'

const port = Number(process.env.E2E_PORT ?? 4310)

/** Draws docs/screens anew: `npm run build && npm run screens`. No test: it asserts nothing but that the pages come. */
export default {
  ...base,
  projects: [{ name: 'screens', testDir: 'e2e/screens', testMatch: '*.screens.ts' }],
  workers: 1,
  webServer: {
    // A token's life that shows; addresses of the documentation range instead of the machine's own.
    ...server(port, 'data', { ACCESS_TOKEN_TTL: '20s', TRUST_PROXY: 'true' }),
    wait: { stdout: /admin@example\.com \(ADMIN\) with the password (?<admin_password>\S+);/ },
  },
}
